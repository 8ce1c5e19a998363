"""WebSub: hubs are told of every change of a feed, and pass it on to who subscribed."""
