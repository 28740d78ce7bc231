"""The first project that ``runfox init`` writes. Its handlers are Python as its owner will find it."""
