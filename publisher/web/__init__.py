"""The doors that people open in a browser: readers' pages, feeds, and the desk."""
