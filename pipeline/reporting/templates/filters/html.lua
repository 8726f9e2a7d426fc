-- Last filter for HTML and slides: what the page's style sheet and script build on.

local slides = FORMAT == "slidy"
local level_shift = slides and 0 or 1
local tables = 0

-- A wide table scrolls in a box of its own that the keyboard can reach; its caption stays where it is.
-- Attributes are lists of pairs: tables with keys have no fixed order, and one report must give the same bytes.
local function scrolling(tbl)
  tables = tables + 1
  tbl.colspecs = tbl.colspecs:map(function(spec) return { spec[1], nil } end)
  local caption = pandoc.utils.blocks_to_inlines(tbl.caption.long)
  local identifier = tbl.identifier
  tbl.identifier, tbl.caption.long = "", pandoc.Blocks({})
  if #caption == 0 then
    local box = pandoc.Attr(identifier, { "table-scroll" }, { { "tabindex", "0" }, { "role", "region" }, { "aria-label", "Table" } })
    return pandoc.Div({ tbl }, box)
  end
  local caption_id = (identifier ~= "" and identifier or "table-" .. tables) .. "-caption"
  tbl.attributes["aria-labelledby"] = caption_id
  local text = pandoc.Div({ pandoc.Plain(caption) }, pandoc.Attr(caption_id, { "table-caption" }))
  local region = { { "tabindex", "0" }, { "role", "region" }, { "aria-labelledby", caption_id } }
  local box = pandoc.Div({ tbl }, pandoc.Attr("", { "table-scroll" }, region))
  return pandoc.Div({ text, box }, pandoc.Attr(identifier, { "table-float" }))
end

local function div(el)
  if el.classes:includes("callout") then
    el.attributes.role = "note"
    return el
  end
  if el.classes:includes("tab-title") then
    if slides then
      return pandoc.Para({ pandoc.Strong(pandoc.utils.blocks_to_inlines(el.content)) })
    end
    local level = math.min(6, tonumber(el.attributes.level) + level_shift)
    -- Raw tags: a heading at the start of a div would turn the whole div into a section of that name.
    return pandoc.Blocks({
      pandoc.RawBlock("html", string.format('<h%d class="tab-title">', level)),
      pandoc.Plain(pandoc.utils.blocks_to_inlines(el.content)),
      pandoc.RawBlock("html", string.format("</h%d>", level)),
    })
  end
end

local function header(el)
  if slides and el.identifier == "bibliography" then
    el.level = 2
  end
  el.level = math.min(6, el.level + level_shift)
  return el
end

return { { Header = header }, { Table = scrolling, Div = div } }
