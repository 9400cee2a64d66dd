--- What holds for a migration when neither the command line nor its file says otherwise.
return {
  concurrency = 8, -- items at a time
  rate = 50,       -- requests a second, unless the API is on this machine
  progress = 10,   -- seconds between lines of progress where there is no terminal
  retries = 8,     -- of a call: one that fails in the end costs an item
  timeout = 120,   -- seconds for a call with its retries
}
