-- Last filter for Word: custom styles of the reference document, bookmarks, column widths, table of contents.

package.path = pandoc.path.directory(PANDOC_SCRIPT_FILE) .. "/?.lua;" .. package.path
local widths = require("widths")

-- Characters of the table type that fit one line of an A4 page.
local CAPACITY = 88

local function styled(blocks, style)
  return pandoc.Div(blocks, pandoc.Attr("", {}, { ["custom-style"] = style }))
end

-- Pandoc drops empty paragraphs; without these, text would touch the end of a table or callout.
local function gap(style)
  return pandoc.RawBlock("openxml", '<w:p><w:pPr><w:pStyle w:val="' .. style .. '"/></w:pPr></w:p>')
end

-- Direct bold: not every word processor applies the header row of a table style.
local function bold_head(tbl)
  for _, row in ipairs(tbl.head.rows) do
    for _, cell in ipairs(row.cells) do
      cell.contents = { pandoc.Plain({ pandoc.Strong(pandoc.utils.blocks_to_inlines(cell.contents)) }) }
    end
  end
end

-- Pandoc sets what is tight (cells, items of short lists) in a style of its own instead of the one around it.
local function loose(blocks)
  return blocks:walk({ Plain = function(plain) return pandoc.Para(plain.content) end })
end

-- Word files name the images they hold: by content, not by where they lay.
local function anonymous(image)
  local mime, content = pandoc.mediabag.fetch(image.src)
  if not content then
    error("peerscope: the image " .. image.src .. " can't be read")
  end
  local name = "image-" .. pandoc.utils.sha1(content) .. select(2, pandoc.path.split_extension(image.src))
  pandoc.mediabag.insert(name, mime, content)
  image.src = name
  return image
end

local function sized_table(tbl)
  bold_head(tbl)
  local shares, scale = widths.fit(tbl, CAPACITY, 1.22, 0.77)
  local at = 0
  tbl.colspecs = tbl.colspecs:map(function(spec)
    at = at + 1
    return { spec[1], shares[at] }
  end)
  local style = scale >= 0.99 and "Table Text" or (scale >= 0.89 and "Table Text Small" or "Table Text Tiny")
  style = widths.short(tbl) and style .. " Kept" or style
  local identifier = tbl.identifier
  tbl.identifier = ""
  local caption = pandoc.utils.blocks_to_inlines(tbl.caption.long)
  tbl.caption.long = pandoc.Blocks({})
  local blocks = pandoc.Blocks({})
  if #caption > 0 then
    blocks:insert(styled({ pandoc.Para(caption) }, "Table Caption"))
  end
  blocks:insert(styled(loose(pandoc.Blocks({ tbl })), style))
  blocks:insert(gap("TableGap"))
  -- The div becomes a bookmark that references lead to.
  return pandoc.Div(blocks, pandoc.Attr(identifier))
end

local function title_of(kind)
  return "Callout " .. kind:sub(1, 1):upper() .. kind:sub(2)
end

-- An indent of its own would tear a list out of the callout's box, so its items become paragraphs with a mark.
local function flat_lists(blocks)
  local function marked(list, mark)
    local out = pandoc.Blocks({})
    for at, item in ipairs(list.content) do
      for number, block in ipairs(item) do
        if number == 1 and (block.t == "Plain" or block.t == "Para") then
          block.content:insert(1, pandoc.Str(mark(at) .. "\u{2002}"))
        end
        out:insert(block)
      end
    end
    return out
  end
  return blocks:walk({
    BulletList = function(list) return marked(list, function() return "\u{2022}" end) end,
    OrderedList = function(list) return marked(list, function(at) return at .. "." end) end,
  })
end

local function callout(el)
  for _, class in ipairs(el.classes) do
    local kind = class:match("^callout%-(%a+)$")
    if kind then
      local out = pandoc.Blocks({ styled(el.content[1].content, title_of(kind) .. " Title") })
      out:insert(styled(loose(flat_lists(el.content[2].content)), title_of(kind)))
      out:insert(gap("CalloutGap"))
      return out
    end
  end
end

local function div(el)
  if el.classes:includes("callout") then
    return callout(el)
  end
  if el.classes:includes("tab-title") then
    local attr = pandoc.Attr("", { "unnumbered", "unlisted" })
    return pandoc.Header(tonumber(el.attributes.level), pandoc.utils.blocks_to_inlines(el.content), attr)
  end
end

local function span(el)
  if el.classes:includes("caption-number") then
    return pandoc.Strong(el.content)
  end
end

local function figure(el)
  local identifier = el.identifier
  if identifier == "" then
    return nil
  end
  el.identifier = ""
  return pandoc.Div({ el }, pandoc.Attr(identifier)), false
end

local function xml(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"):gsub('"', "&quot;"))
end

local function contents_entry(header, first)
  local start = first
      and '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \\o "1-3" \\n \\h \\z \\u </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    or ""
  return string.format(
    '<w:p><w:pPr><w:pStyle w:val="toc%d"/></w:pPr>%s<w:hyperlink w:anchor="%s" w:history="1"><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:hyperlink></w:p>',
    header.level, start, xml(header.identifier), xml(pandoc.utils.stringify(header.content))
  )
end

-- Word fills a table of contents only when asked to; this one is filled already and can still be updated.
local function contents(blocks, depth, title)
  local entries = {}
  for _, block in ipairs(blocks) do
    if block.t == "Header" and block.level <= depth and not block.classes:includes("unlisted") then
      table.insert(entries, contents_entry(block, #entries == 0))
    end
  end
  if #entries == 0 then
    return nil
  end
  return pandoc.RawBlock("openxml", table.concat({
    '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj></w:sdtPr><w:sdtContent>',
    '<w:p><w:pPr><w:pStyle w:val="TOCHeading"/></w:pPr><w:r><w:t xml:space="preserve">', xml(title), "</w:t></w:r></w:p>",
    table.concat(entries),
    '<w:p><w:pPr><w:pStyle w:val="TableGap"/></w:pPr><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:sdtContent></w:sdt>',
  }))
end

local function finish(doc)
  local toc = doc.meta["peerscope-toc"]
  if toc then
    local depth = tonumber(pandoc.utils.stringify(doc.meta["toc-depth"] or "3"))
    local title = pandoc.utils.stringify(doc.meta["toc-title"] or "Contents")
    local block = contents(doc.blocks, depth, title)
    if block then
      doc.blocks:insert(1, block)
    end
  end
  return doc
end

return { { Pandoc = finish }, { traverse = "topdown", Figure = figure }, { Table = sized_table, Div = div, Span = span, Image = anonymous } }
