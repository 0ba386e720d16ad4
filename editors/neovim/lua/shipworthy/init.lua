--- What a buffer can ask of Shipworthy beyond what Neovim offers for every language server.
local M = {}

--- Applies every safe fix in the current buffer.
function M.fix_all()
  vim.lsp.buf.code_action({ context = { only = { 'source.fixAll.shipworthy' }, diagnostics = {} }, apply = true })
end

--- Creates the commands of Shipworthy in a buffer.
---@param buffer integer
function M.attach(buffer)
  vim.api.nvim_buf_create_user_command(buffer, 'LspShipworthyFixAll', M.fix_all, {
    desc = 'Apply every safe fix in this buffer',
  })
end

return M
