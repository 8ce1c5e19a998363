"""Publisher brings a newsroom's articles to readers as e-mail digests and as feeds.

Articles come in through `sources`, live in `newsroom`, go up as `feeds`, and are chosen for readers
(`audience`) by `editions`; `delivery` gets each edition to each inbox. `web`, `cli` and the Celery
`tasks` beside this package are three doors to the same functions. Imports go one way, down:
tasks, web, cli → delivery → editions, feeds, sources → audience, newsroom → mail, accounts →
pages, fetch, store → queue → settings → errors.
"""
