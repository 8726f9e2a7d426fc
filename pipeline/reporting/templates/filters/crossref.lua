-- Second filter, before citations: numbers sections, figures and tables, and links references to them.
-- The numbers are written into the text, so that they are the same in every format.

local WORDS = { fig = "Figure", tbl = "Table", sec = "Section" }
local NBSP = "\u{00a0}"
local labels = {}
local counts = { fig = 0, tbl = 0 }

local function kind_of(identifier)
  local kind = identifier:match("^(%a+)%-")
  return WORDS[kind] and kind or nil
end

local function each_header(blocks, visit)
  for _, block in ipairs(blocks) do
    if block.t == "Header" then
      visit(block)
    elseif block.t == "Div" and not block.classes:includes("panel-tabset") and not block.classes:includes("callout") then
      each_header(block.content, visit)
    end
  end
end

-- A report may use ## for its sections, as Quarto's own examples do: the top level becomes 1.
local function lift(blocks)
  local top = 7
  each_header(blocks, function(header) top = math.min(top, header.level) end)
  if top < 7 then
    blocks = blocks:walk({
      Header = function(header)
        header.level = header.level - top + 1
        return header
      end,
      Div = function(div)
        if div.attributes.level then
          div.attributes.level = tostring(math.max(1, tonumber(div.attributes.level) - top + 1))
          return div
        end
      end,
    })
  end
  return blocks
end

local function number_sections(blocks, numbered)
  local counters = { 0, 0, 0, 0, 0, 0 }
  each_header(blocks, function(header)
    local number
    if numbered and not header.classes:includes("unnumbered") then
      counters[header.level] = counters[header.level] + 1
      for level = header.level + 1, 6 do
        counters[level] = 0
      end
      number = table.concat(counters, ".", 1, header.level)
    end
    if kind_of(header.identifier) == "sec" then
      labels[header.identifier] = { number = number, title = header.content:clone() }
    end
    if number then
      header.content:insert(1, pandoc.Space())
      header.content:insert(1, pandoc.Span({ pandoc.Str(number) }, pandoc.Attr("", { "header-section-number" })))
    end
  end)
end

local function number_float(el)
  local kind = kind_of(el.identifier)
  if not counts[kind] then
    return nil
  end
  counts[kind] = counts[kind] + 1
  labels[el.identifier] = { number = tostring(counts[kind]) }
  local mark = pandoc.Span({ pandoc.Str(WORDS[kind] .. NBSP .. counts[kind] .. ".") }, pandoc.Attr("", { "caption-number" }))
  local caption = pandoc.utils.blocks_to_inlines(el.caption.long)
  caption:insert(1, pandoc.Space())
  caption:insert(1, mark)
  el.caption.long = pandoc.Blocks({ pandoc.Plain(caption) })
  return el
end

local function reference_text(citation, target)
  local kind = kind_of(citation.id)
  if not target.number then
    local quoted = pandoc.Inlines({ pandoc.Quoted("DoubleQuote", target.title) })
    return quoted
  end
  if citation.mode == "SuppressAuthor" then
    return pandoc.Inlines({ pandoc.Str(target.number) })
  end
  return pandoc.Inlines({ pandoc.Str(WORDS[kind] .. NBSP .. target.number) })
end

local function resolve(cite)
  local out, ours = pandoc.Inlines({}), 0
  for _, citation in ipairs(cite.citations) do
    if kind_of(citation.id) then
      ours = ours + 1
      local target = labels[citation.id]
      if not target then
        error("peerscope: @" .. citation.id .. " refers to nothing")
      end
      if #out > 0 then
        out:extend({ pandoc.Str(","), pandoc.Space() })
      end
      if #citation.prefix > 0 then
        out:extend(citation.prefix)
        out:insert(pandoc.Space())
      end
      out:insert(pandoc.Link(reference_text(citation, target), "#" .. citation.id, "", pandoc.Attr("", { "cross-reference" })))
      out:extend(citation.suffix)
    end
  end
  if ours == 0 then
    return nil
  end
  if ours < #cite.citations then
    error("peerscope: a citation and a reference share one pair of brackets: " .. pandoc.utils.stringify(cite.content))
  end
  return out
end

function Pandoc(doc)
  if FORMAT ~= "slidy" then
    doc.blocks = lift(doc.blocks)
  end
  number_sections(doc.blocks, doc.meta["number-sections"] == true and FORMAT ~= "slidy")
  doc.blocks = doc.blocks:walk({ traverse = "topdown", Figure = number_float, Table = number_float })
  return doc:walk({ Cite = resolve })
end
