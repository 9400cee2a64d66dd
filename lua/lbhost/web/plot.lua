--- Small plots as SVG, made here: bars side by side, one for each span of time, the newest at the right.
local html = require "lbhost.web.html"

local plot = {}

local WIDTH <const>, HEIGHT <const>, GAP <const> = 360, 56, 1

-- The number at or above which a scale ends well: 1, 2, 5, 10, 20, ...
local function round_up(value)
  if value <= 0 then return 1 end
  local power = 10 ^ math.floor(math.log(value, 10))
  for _, factor in ipairs { 1, 2, 5, 10 } do
    if factor * power >= value * (1 - 1e-9) then return factor * power end
  end
  return 10 * power
end

local function highest(series)
  local max = 0
  for i = 1, #series[1].values do
    local sum = 0
    for _, one in ipairs(series) do sum = sum + (one.values[i] or 0) end
    max = math.max(max, sum)
  end
  return max
end

-- One path for all bars of a series: a page with many plots stays small.
local function bars(series, number, scale)
  local count = #series[number].values
  local step, parts = WIDTH / count, {}
  for i = 1, count do
    local below = 0
    for j = 1, number - 1 do below = below + (series[j].values[i] or 0) end
    local value = series[number].values[i] or 0
    if value > 0 then
      local bottom, height = HEIGHT - below / scale * HEIGHT, math.max(1, value / scale * HEIGHT)
      parts[#parts + 1] = ("M%.1f %.1fh%.1fv-%.1fh-%.1fz"):format((i - 1) * step, bottom, step - GAP, height, step - GAP)
    end
  end
  return ('<path class="bar %s" d="%s"/>'):format(series[number].class or "plain", table.concat(parts))
end

--- A plot with its title and what it says in words.
---@param options { title: string, words: any, series: { class: string?, values: number[] }[], unit: (fun(value: number): string)?,
---from: string, to: string } words: the same for those who do not see it; series: from bottom to top; from, to: under the ends of
---the axis
---@return table raw
function plot.bars(options)
  local max = highest(options.series)
  local scale = round_up(max)
  local paths = {}
  for i = 1, #options.series do paths[i] = bars(options.series, i, scale) end
  local unit = options.unit or function(value) return ("%g"):format(value) end
  return html.format([[<figure class="plot"><figcaption><strong>%s</strong> <span>%s</span></figcaption>
<div class="axis"><span>%s</span><span>0</span></div>
<svg viewBox="0 0 %s %s" preserveAspectRatio="none" aria-hidden="true" focusable="false">
<path class="line" d="M0 0.5H%s M0 %s.5H%s"/>%s</svg>
<div class="span"><span>%s</span><span>%s</span></div></figure>]],
    options.title, options.words, unit(scale), WIDTH, HEIGHT, WIDTH, HEIGHT - 1, WIDTH, html.raw(table.concat(paths)), options.from,
    options.to)
end

return plot
