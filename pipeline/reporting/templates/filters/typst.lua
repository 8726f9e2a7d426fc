-- Last filter for PDF: figures, tables and callouts as calls of the functions that report.typ defines.

package.path = pandoc.path.directory(PANDOC_SCRIPT_FILE) .. "/?.lua;" .. package.path
local widths = require("widths")

-- Characters of the table type that fit one line of an A4 page.
local CAPACITY = 102
local EXTENSIONS = { ["image/svg+xml"] = ".svg", ["image/png"] = ".png", ["image/jpeg"] = ".jpg" }
local ALIGN = { AlignLeft = "left", AlignRight = "right", AlignCenter = "center", AlignDefault = "left" }

local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("\n", " ") .. '"'
end

-- Without its own citations: citeproc has already written them out.
local function typst(blocks)
  return pandoc.write(pandoc.Pandoc(blocks), "typst-citations-smart"):gsub("%s+$", "")
end

local function inlines(content)
  return typst({ pandoc.Plain(content) })
end

local function label(identifier)
  return identifier ~= "" and (" <" .. identifier .. ">") or ""
end

-- Typst reads files below its working folder only, so each image is copied there.
local function copied(image)
  local mime, content = pandoc.mediabag.fetch(image.src)
  if not content then
    error("peerscope: the image " .. image.src .. " can't be read")
  end
  local extension = EXTENSIONS[mime] or select(2, pandoc.path.split_extension(image.src))
  local name = "image-" .. pandoc.utils.sha1(content) .. extension
  local file = assert(io.open(name, "wb"))
  file:write(content)
  file:close()
  return quoted(name)
end

local function picture(image)
  return string.format("picture(%s, %s)", copied(image), quoted(pandoc.utils.stringify(image.caption)))
end

-- In a section of pictures only there is no text to fill the space that a moved one leaves: they stay where they are.
local function stay(blocks)
  local section, only = {}, true
  local function close()
    for _, picture in ipairs(only and section or {}) do
      picture.attributes.placement = "none"
    end
    section, only = {}, true
  end
  for _, block in ipairs(blocks) do
    if block.t == "Header" then
      close()
    elseif block.t == "Figure" then
      table.insert(section, block)
    else
      only = false
    end
  end
  close()
  return blocks
end

local function figure(el)
  local image
  el.content:walk({ Image = function(found) image = image or found end })
  if not image then
    return nil
  end
  local caption = inlines(pandoc.utils.blocks_to_inlines(el.caption.long))
  local here = el.attributes.placement and ", placement: none" or ""
  local form = "#figure(%s, kind: image, caption: [%s]%s)%s"
  return pandoc.RawBlock("typst", form:format(picture(image), caption, here, label(el.identifier)))
end

local function lone_image(para)
  if #para.content == 1 and para.content[1].t == "Image" then
    return pandoc.RawBlock("typst", "#" .. picture(para.content[1]))
  end
end

local function inline_image(image)
  local alt = quoted(pandoc.utils.stringify(image.caption))
  return pandoc.RawInline("typst", string.format("#box(image(%s, alt: %s, height: 1em))", copied(image), alt))
end

local function cells(rows)
  local out = {}
  for _, row in ipairs(rows) do
    for _, cell in ipairs(row.cells) do
      local body = "[" .. typst(cell.contents) .. "]"
      if cell.col_span > 1 or cell.row_span > 1 then
        body = string.format("table.cell(colspan: %d, rowspan: %d)%s", cell.col_span, cell.row_span, body)
      end
      table.insert(out, body)
    end
  end
  return table.concat(out, ", ")
end

local function report_table(tbl)
  local shares, scale = widths.fit(tbl, CAPACITY, 1.1, 0.72)
  local columns, aligns, body = {}, {}, {}
  for at, spec in ipairs(tbl.colspecs) do
    columns[at] = string.format("%.2f%%", 100 * shares[at])
    aligns[at] = ALIGN[spec[1]]
  end
  for _, part in ipairs(tbl.bodies) do
    table.insert(body, cells(part.body))
  end
  local head = #tbl.head.rows > 0 and string.format("table.header(%s),", cells(tbl.head.rows)) or ""
  local grid = string.format(
    "report-table(%.2f, (%s,), (%s,), %s\n%s)",
    scale, table.concat(columns, ", "), table.concat(aligns, ", "), head, table.concat(body, ",\n")
  )
  local caption = pandoc.utils.blocks_to_inlines(tbl.caption.long)
  if #caption == 0 then
    return pandoc.RawBlock("typst", "#" .. grid)
  end
  local code = string.format("#figure(%s, kind: table, caption: [%s])%s", grid, inlines(caption), label(tbl.identifier))
  return pandoc.RawBlock("typst", widths.short(tbl) and "#block(breakable: false, above: 18pt, below: 18pt)[" .. code .. "]" or code)
end

local function callout(el)
  for _, class in ipairs(el.classes) do
    local kind = class:match("^callout%-(%a+)$")
    if kind then
      local title = inlines(pandoc.utils.blocks_to_inlines(el.content[1].content))
      local out = pandoc.Blocks({ pandoc.RawBlock("typst", string.format('#callout("%s", [%s])[', kind, title)) })
      out:extend(el.content[2].content)
      out:insert(pandoc.RawBlock("typst", "]"))
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

-- Headings of any kind as one call: pandoc's own writer leaves unlisted ones in the contents.
local function header(el)
  local outlined = el.classes:includes("unlisted") and "false" or "true"
  local code = string.format("#heading(level: %d, outlined: %s)[%s]%s", el.level, outlined, inlines(el.content), label(el.identifier))
  return pandoc.RawBlock("typst", code)
end

local function span(el)
  if el.classes:includes("caption-number") then
    return pandoc.Strong(el.content)
  end
end

return {
  { Pandoc = function(doc) doc.blocks = stay(doc.blocks) return doc end },
  { Span = span },
  { Figure = figure },
  { Para = lone_image, Image = inline_image },
  { Table = report_table },
  { Div = div },
  { Header = header },
}
