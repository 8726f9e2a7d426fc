-- First filter: turns Quarto's constructs into plain ones that the later filters and writers know.
-- Conditional content is kept or dropped; callouts, tabsets and captioned cells get one shape each.
-- How they look in a format is decided in html.lua, docx.lua and typst.lua.

local ALIASES = {
  html = { html = true },
  html5 = { html = true },
  docx = { docx = true },
  typst = { typst = true, pdf = true },
  -- As in Quarto, slides in HTML are HTML too.
  slidy = { html = true, revealjs = true },
}
local TITLES = { note = "Note", tip = "Tip", warning = "Warning", important = "Important", caution = "Caution" }

local function shown(attr)
  local here = ALIASES[FORMAT] or {}
  local when, unless = attr.attributes["when-format"], attr.attributes["unless-format"]
  local matches = (when == nil or here[when] == true) and not (unless ~= nil and here[unless] == true)
  if attr.classes:includes("content-hidden") then
    return not matches
  end
  return matches
end

local function conditional(el)
  if el.classes:includes("content-visible") or el.classes:includes("content-hidden") then
    return shown(el) and el.content or {}
  end
end

local function callout_kind(div)
  for _, class in ipairs(div.classes) do
    local kind = class:match("^callout%-(%a+)$")
    if kind and TITLES[kind] then
      return kind
    end
  end
end

local function callout_title(div, kind)
  local given = div.attributes.title
  if given then
    return pandoc.utils.blocks_to_inlines(pandoc.read(given, "markdown").blocks)
  end
  local first = div.content[1]
  if first and first.t == "Header" then
    div.content:remove(1)
    return first.content
  end
  return pandoc.Inlines({ pandoc.Str(TITLES[kind]) })
end

local function callout(div)
  local kind = callout_kind(div)
  if not kind then
    return nil
  end
  local title = pandoc.Div({ pandoc.Para(callout_title(div, kind)) }, pandoc.Attr("", { "callout-title" }))
  local body = pandoc.Div(div.content, pandoc.Attr("", { "callout-body" }))
  return pandoc.Div({ title, body }, pandoc.Attr(div.identifier, { "callout", "callout-" .. kind }))
end

-- Each heading of the level that comes first in a tabset starts a tab.
local function tabset(div, level)
  if not div.classes:includes("panel-tabset") then
    return nil
  end
  local tabs, top = pandoc.Blocks({}), nil
  for _, block in ipairs(div.content) do
    if block.t == "Header" and (top == nil or block.level == top) then
      top = block.level
      local title = pandoc.Div({ pandoc.Plain(block.content) }, pandoc.Attr("", { "tab-title" }, { level = tostring(level + 1) }))
      tabs:insert(pandoc.Div({ title }, pandoc.Attr(block.identifier, { "tab-panel" })))
    elseif #tabs > 0 then
      tabs[#tabs].content:insert(block)
    else
      error("peerscope: a tabset must start with a heading")
    end
  end
  return pandoc.Div(tabs, pandoc.Attr(div.identifier, { "panel-tabset" }))
end

-- Tab titles rank below the heading of the section they stand in.
local function tabsets(blocks, level)
  for at, block in ipairs(blocks) do
    if block.t == "Header" then
      level = block.level
    elseif block.t == "Div" then
      block.content = tabsets(block.content, level)
      blocks[at] = tabset(block, level) or block
    end
  end
  return blocks
end

local function take_caption(div)
  local last = div.content[#div.content]
  if last and last.t == "Div" and last.classes:includes("cell-caption") then
    div.content:remove(#div.content)
    return pandoc.utils.blocks_to_inlines(last.content)
  end
end

local function first_image(blocks)
  local found
  blocks:walk({ Image = function(image) found = found or image end })
  return found
end

local function as_figure(div, caption)
  local image = first_image(div.content)
  if not image then
    error("peerscope: the cell " .. div.identifier .. " has a figure caption but shows no image")
  end
  image.attributes["fig-alt"] = div.attributes["fig-alt"] or image.attributes["fig-alt"]
  image.caption = caption
  return pandoc.Figure({ pandoc.Plain({ image }) }, { long = { pandoc.Plain(caption) } }, pandoc.Attr(div.identifier))
end

local function as_table(div, caption)
  for _, block in ipairs(div.content) do
    if block.t == "Table" then
      block.identifier = div.identifier
      block.caption.long = pandoc.Blocks({ pandoc.Plain(caption) })
      return div.content
    end
  end
  error("peerscope: the cell " .. div.identifier .. " has a table caption but shows no table")
end

local function cell_float(div)
  if not div.classes:includes("cell-float") then
    return nil
  end
  local caption = take_caption(div)
  if not caption then
    return div
  end
  if div.identifier:match("^tbl%-") then
    return as_table(div, caption)
  end
  return as_figure(div, caption)
end

function Pandoc(doc)
  doc = doc:walk({ Div = conditional, Span = conditional })
  doc = doc:walk({ Div = callout })
  doc = doc:walk({ Div = cell_float })
  doc.blocks = tabsets(doc.blocks, 1)
  return doc
end
