--- Reads web sources that are on this machine: a page, what it links to on the same site, or what a sitemap lists.
local http = require "liveblocks.http"
local trim = require "liveblocks.trim"
local url = require "liveblocks.comment.url"

local crawl = {}

local PAGES <const> = 100 -- of a site
local TIMEOUT <const> = 5 -- seconds for a page

local near = { ["127.0.0.1"] = true, localhost = true, ["[::1]"] = true }

--- The host of an address, without its port; nil when it is not an http address.
---@param address string
---@return string?
function crawl.host(address)
  local authority = address:match("^[Hh][Tt][Tt][Pp][Ss]?://([^/?#]+)")
  local host = authority and authority:gsub("^.*@", ""):gsub(":%d*$", "")
  return host and host ~= "" and host:lower() or nil
end

--- Is it on this machine? Nothing else is ever asked.
---@param address string
---@return boolean
function crawl.is_near(address)
  return near[crawl.host(address)] == true
end

local function origin_of(address)
  return address:match("^%a+://[^/?#]+"):lower()
end

-- What a link on a page leads to, without its fragment; nil when it leads to no page.
local function resolve(base, href)
  href = trim.both((href:gsub("&amp;", "&"):gsub("#.*$", "")))
  if href == "" then return nil end
  if href:find("^%a[%w+.-]*:") then return crawl.host(href) and url.sanitize(href) end
  if href:sub(1, 2) == "//" then return url.sanitize(base:match("^%a+:") .. href) end
  if href:sub(1, 1) == "/" then return url.sanitize(origin_of(base) .. href) end
  local page = base:gsub("[?#].*$", "")
  if href:sub(1, 1) == "?" then return url.sanitize(page .. href) end
  local directory = page:match("^(%a+://[^/]+.*/)[^/]*$") or page .. "/"
  return url.sanitize(directory .. href)
end

local function fetch(address)
  local response, err = http.try_request { url = address, timeout = TIMEOUT, retries = 0 }
  if response then return response.body end
  return nil, ("Could not read %s: %s"):format(address, err.status and "status " .. err.status or err.message)
end

-- Each finds the addresses that a page gives.
local find_links = {
  individual_link = function() return {} end,
  crawl = function(base, body)
    local list = {}
    for href in body:gmatch("<[aA]%s[^>]-[hH][rR][eE][fF]%s*=%s*[\"']([^\"']*)[\"']") do
      local address = resolve(base, href)
      if address and origin_of(address) == origin_of(base) then list[#list + 1] = address end
    end
    return list
  end,
  sitemap = function(base, body)
    local list = {}
    for text in body:gmatch("<loc>%s*(.-)%s*</loc>") do
      local address = resolve(base, text)
      if address and crawl.is_near(address) then list[#list + 1] = address end
    end
    return list
  end,
}

--- Reads a source. A sitemap is not a page of it; what it lists has no further links.
---@param address string
---@param kind "individual_link"|"crawl"|"sitemap"
---@return { url: string, problem: string? }[] pages in the order in which they were found
---@return string? problem when the address itself could not be read
function crawl.read(address, kind)
  local first, problem = fetch(address)
  if not first then return { { url = address, problem = problem } }, problem end
  local pages, known = {}, { [address] = true }
  if kind ~= "sitemap" then pages[1] = { url = address } end
  local function enqueue(base, body)
    for _, found in ipairs(find_links[kind](base, body)) do
      if not known[found] and #pages < PAGES then
        known[found] = true
        pages[#pages + 1] = { url = found }
      end
    end
  end
  enqueue(address, first)
  local i = kind == "sitemap" and 1 or 2
  while pages[i] do
    local body, failure = fetch(pages[i].url)
    pages[i].problem = failure
    if body and kind == "crawl" then enqueue(pages[i].url, body) end
    i = i + 1
  end
  return pages
end

return crawl
