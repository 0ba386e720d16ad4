-- Gives every buffer that Shipworthy serves its commands. The server is started by `vim.lsp.enable('shipworthy')`.
if vim.fn.has('nvim-0.11') == 0 then
  return
end

vim.api.nvim_create_autocmd('LspAttach', {
  group = vim.api.nvim_create_augroup('shipworthy', {}),
  desc = 'Create the commands of Shipworthy in this buffer',
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'shipworthy' then
      require('shipworthy').attach(event.buf)
    end
  end,
})
