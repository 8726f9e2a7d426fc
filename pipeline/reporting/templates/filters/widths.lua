-- Column widths for formats that can't measure text before they set it (Word, typst).
-- Text columns take what they need, numeric ones stay narrow, and a table too wide for the page gets smaller type.

local widths = {}
local PADDING = 2.3
local LONGEST_TEXT = 44

local function length(text)
  return utf8.len(text) or #text
end

local function longest_word(text)
  local longest = 0
  for word in text:gmatch("[^%s\u{2013}/-]+") do
    longest = math.max(longest, length(word))
  end
  return longest
end

local function each_cell(rows, visit)
  for _, row in ipairs(rows) do
    for at, cell in ipairs(row.cells) do
      visit(at, pandoc.utils.stringify(cell.contents))
    end
  end
end

local function measure(tbl, bold)
  local columns = {}
  for at, spec in ipairs(tbl.colspecs) do
    columns[at] = { text = spec[1] ~= "AlignRight" and spec[1] ~= "AlignCenter", head = 0, body = 0, word = 0 }
  end
  each_cell(tbl.head.rows, function(at, text)
    local column = columns[at]
    column.head = math.max(column.head, length(text))
    column.word = math.max(column.word, longest_word(text) * bold)
  end)
  for _, body in ipairs(tbl.bodies) do
    each_cell(body.body, function(at, text)
      local column = columns[at]
      column.body = math.max(column.body, length(text))
      column.word = math.max(column.word, column.text and longest_word(text) or 0)
    end)
  end
  return columns
end

-- Per column: the width it wants, the least it should have, and the tightest that breaks no word.
local function demands(columns)
  local want, least, tight = {}, {}, {}
  for at, column in ipairs(columns) do
    if column.text then
      want[at] = math.min(math.max(column.head, column.body, column.word), LONGEST_TEXT)
      least[at] = math.max(column.word, math.min(want[at], 24))
      tight[at] = column.word
    else
      -- A long heading over numbers wraps to about three lines rather than widening its column.
      want[at] = math.max(column.body, column.word, math.ceil(column.head / 3) + 1)
      least[at] = math.max(column.body, column.word)
      tight[at] = least[at]
    end
    want[at], least[at], tight[at] = want[at] + PADDING, least[at] + PADDING, tight[at] + PADDING
  end
  return want, least, tight
end

local function sum(list)
  local total = 0
  for _, value in ipairs(list) do
    total = total + value
  end
  return total
end

-- Widths between two demands that fill the room, as shares of it.
local function between(low, high, room)
  local from, to = sum(low), sum(high)
  local part = to > from and math.max(0, math.min(1, (room - from) / (to - from))) or 0
  local out = {}
  for at = 1, #low do
    out[at] = low[at] + part * (high[at] - low[at])
  end
  local total = sum(out)
  for at = 1, #out do
    out[at] = out[at] / total
  end
  return out
end

local function has_long_texts(columns)
  for _, column in ipairs(columns) do
    if column.text and column.body > LONGEST_TEXT then
      return true
    end
  end
  return false
end

local function cell_lengths(tbl)
  local rows = {}
  local function take(list)
    for _, row in ipairs(list) do
      local lengths = {}
      for at, cell in ipairs(row.cells) do
        lengths[at] = length(pandoc.utils.stringify(cell.contents))
      end
      rows[#rows + 1] = lengths
    end
  end
  take(tbl.head.rows)
  for _, body in ipairs(tbl.bodies) do
    take(body.body)
  end
  return rows
end

-- About how many lines all rows take: of each row its tallest cell, softened so that the others count a little.
local function height(rows, out)
  local total = 0
  for _, lengths in ipairs(rows) do
    local powers = 0
    for at, size in ipairs(lengths) do
      powers = powers + math.max(1, size / (out[at] - PADDING)) ^ 4
    end
    total = total + powers ^ 0.25
  end
  return total
end

-- Texts of very different length: each further character of room goes to the column that shortens the table most.
local function shortest(tbl, tight, room)
  local rows, out = cell_lengths(tbl), {}
  for at, width in ipairs(tight) do
    out[at] = width
  end
  for _ = 1, math.floor(room - sum(tight)) do
    local best, least_height = nil, height(rows, out) - 1e-6
    for at = 1, #out do
      out[at] = out[at] + 1
      local this = height(rows, out)
      out[at] = out[at] - 1
      if this < least_height then
        best, least_height = at, this
      end
    end
    if not best then
      break
    end
    out[best] = out[best] + 1
  end
  for at = 1, #out do
    out[at] = out[at] / room
  end
  return out
end

-- Widths as shares of the text width (they add up to 1 or less) and the type's scale (1 or less).
-- `bold` says how much wider than the body the header's type runs, `smallest` how small the type may become.
function widths.fit(tbl, capacity, bold, smallest)
  local columns = measure(tbl, bold)
  local want, least, tight = demands(columns)
  local wanted = sum(want)
  if has_long_texts(columns) then
    local scale = 1
    while sum(tight) > 0.8 * capacity / scale and scale > smallest do
      scale = math.max(smallest, scale - 0.04)
    end
    if sum(tight) < capacity / scale then
      return shortest(tbl, tight, capacity / scale), scale
    end
  end
  if wanted <= capacity then
    local stretch = math.min(1.25, capacity / wanted)
    if wanted * stretch > 0.8 * capacity then
      stretch = capacity / wanted
    end
    local out = {}
    for at, width in ipairs(want) do
      out[at] = width * stretch / capacity
    end
    return out, 1
  end
  local scale = 1
  while sum(least) > capacity / scale and scale > smallest do
    scale = math.max(smallest, scale - 0.04)
  end
  local room = capacity / scale
  if sum(least) > room then
    return between(tight, least, room), scale
  end
  return between(least, want, room), scale
end

-- Short enough to stand on one page undivided?
function widths.short(tbl)
  local rows = 0
  for _, body in ipairs(tbl.bodies) do
    rows = rows + #body.body
  end
  return rows <= 14
end

return widths
