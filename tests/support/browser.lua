-- Headless Chromium, controlled by its DevTools protocol over two pipes (--remote-debugging-pipe: JSON texts, each ended by NUL).
-- Documentation: https://chromedevtools.github.io/devtools-protocol/
local eventually = require "tests.support.eventually"
local json = require "cjson"
local mime = require "mime"
local quote = require "tests.support.quote"
local socket = require "socket"

local LONGEST = 300 -- seconds that a browser runs at most: whatever happens, it ends

local Browser = {}
Browser.__index = Browser

local browser = {}

-- The path of Chromium, or an error: where it is missing, nothing was tested.
local function program()
  local pipe <close> = assert(io.popen "command -v chromium || command -v chromium-browser")
  return pipe:read "l" or error("chromium is missing: apt-get install chromium", 0)
end

--- Starts one with an empty profile.
---@return table
function browser.start()
  local self = setmetatable({ dir = os.tmpname(), count = 0, events = {} }, Browser)
  os.remove(self.dir)
  local function inside(name) return quote(self.dir .. "/" .. name) end
  assert(os.execute(("mkdir %s && mkfifo %s %s"):format(quote(self.dir), inside "in", inside "out")))
  -- As root, Chromium has no sandbox; the pages are ours.
  local command = ("exec timeout -k 5 %d %s --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run "
    .. "--hide-scrollbars --remote-debugging-pipe --user-data-dir=%s about:blank 3<%s 4>%s >%s 2>&1"):format(LONGEST, quote(program()),
    inside "profile", inside "in", inside "out", inside "log")
  self.shell = assert(io.popen(("env -u LD_PRELOAD sh -c %s"):format(quote(command)), "w"))
  self.input, self.output = assert(io.open(self.dir .. "/in", "wb")), assert(io.open(self.dir .. "/out", "rb"))
  self.input:setvbuf "no"
  local target = self:call("Target.createTarget", { url = "about:blank" }).targetId
  self.session = self:call("Target.attachToTarget", { targetId = target, flatten = true }).sessionId
  for _, domain in ipairs { "Page", "Runtime", "Log", "Network" } do self:call(domain .. ".enable") end
  return self
end

local function read_message(self)
  local bytes = {}
  for byte in function() return self.output:read(1) end do
    if byte == "\0" then return json.decode(table.concat(bytes)) end
    bytes[#bytes + 1] = byte
  end
  error "the browser has ended"
end

--- Calls a method of the protocol; what happens meanwhile is kept in `events`.
---@param method string
---@param params table?
---@return table result
function Browser:call(method, params)
  self.count = self.count + 1
  local id = self.count
  local message = { id = id, method = method, params = params, sessionId = self.session }
  self.input:write(json.encode(message), "\0")
  while true do
    local answer = read_message(self)
    if answer.id == id then
      return answer.result or error(("%s: %s"):format(method, answer.error.message), 2)
    end
    if answer.method then self.events[#self.events + 1] = answer end
  end
end

--- The value of an expression of JavaScript in the page; a promise is waited for.
---@param code string
---@return any
function Browser:eval(code)
  local result = self:call("Runtime.evaluate", { expression = code, returnByValue = true, awaitPromise = true })
  if result.exceptionDetails then error(code .. ": " .. json.encode(result.exceptionDetails), 2) end
  return result.result.value
end

--- Waits until an expression is true.
function Browser:wait_for(code)
  local till = eventually.deadline()
  repeat
    local ok, value = pcall(self.eval, self, code) -- a page may be on its way to another
    if ok and value and value ~= json.null then return value end
    socket.sleep(0.02)
  until socket.gettime() > till
  error(("waited in vain for %s at %s:\n%s"):format(code, tostring(self:eval "location.href"), self:eval "document.body.innerText"), 2)
end

--- Opens a page, and waits until it is loaded.
---@param url string
function Browser:open(url)
  self:eval "window.left = true"
  self:call("Page.navigate", { url = url })
  self:wait_for "!window.left && document.readyState === 'complete'"
end

--- Presses a key: "Tab", "Enter", " ", or a character.
---@param key string
function Browser:press(key)
  local codes = { Tab = 9, Enter = 13, [" "] = 32 }
  local text = key == "Enter" and "\r" or #key == 1 and key or nil
  self:call("Input.dispatchKeyEvent", { type = text and "keyDown" or "rawKeyDown", key = key, text = text,
    windowsVirtualKeyCode = codes[key] or key:upper():byte() })
  self:call("Input.dispatchKeyEvent", { type = "keyUp", key = key, windowsVirtualKeyCode = codes[key] or key:upper():byte() })
end

--- How pages are shown: a width and height in pixels; scheme "light" or "dark"; script false: without JavaScript.
---@param options { width: integer, height: integer?, scheme: string?, mobile: boolean?, script: boolean? }
function Browser:show_as(options)
  self:call("Emulation.setDeviceMetricsOverride", { width = options.width, height = options.height or 900,
    deviceScaleFactor = options.mobile and 2 or 1, mobile = options.mobile or false })
  self:call("Emulation.setEmulatedMedia", { features = { { name = "prefers-color-scheme", value = options.scheme or "light" } } })
  self:call("Emulation.setScriptExecutionDisabled", { value = options.script == false })
end

--- Takes a picture of the whole page.
---@param path string of a PNG
function Browser:picture(path)
  local data = self:call("Page.captureScreenshot", { format = "png", captureBeyondViewport = true }).data
  local file <close> = assert(io.open(path, "wb"))
  file:write((mime.unb64(data)))
end

--- What has gone wrong in pages since the last question: errors of scripts, and what the policy of the page has refused.
---@return string[]
function Browser:problems()
  local list = {}
  for _, event in ipairs(self.events) do
    if event.method == "Runtime.exceptionThrown" then list[#list + 1] = json.encode(event.params.exceptionDetails) end
    if event.method == "Log.entryAdded" and event.params.entry.level == "error" then list[#list + 1] = event.params.entry.text end
  end
  self.events = {}
  return list
end

--- The addresses of all that pages have asked for since the last question.
---@return string[]
function Browser:requests()
  local list = {}
  for _, event in ipairs(self.events) do
    if event.method == "Network.requestWillBeSent" then list[#list + 1] = event.params.request.url end
  end
  return list
end

function Browser:stop()
  if not self.shell then return end
  pcall(self.call, self, "Browser.close")
  self.input:close()
  self.output:close()
  self.shell:close()
  self.shell = nil
  os.execute("rm -rf " .. quote(self.dir))
end

Browser.__close = Browser.stop
Browser.__gc = Browser.stop

return browser
