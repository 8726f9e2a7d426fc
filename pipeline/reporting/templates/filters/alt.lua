-- Gives each image the alternative text that Quarto's fig-alt names; without one, its caption serves.

local function image_alt(image)
  local alt = image.attributes["fig-alt"]
  if alt and alt ~= "" then
    image.caption = pandoc.Inlines({ pandoc.Str(alt) })
  end
  image.attributes["fig-alt"] = nil
  if #image.caption == 0 then
    error("peerscope: the image " .. image.src .. " has neither fig-alt nor a caption")
  end
  return image
end

return { { Image = image_alt } }
