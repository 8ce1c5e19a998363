"""Each test has a Redis database without the traces of another."""

import redis


def test_a_database_is_empty_and_can_be_written(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("story", "harbour wall")
        assert client.dbsize() == 1
