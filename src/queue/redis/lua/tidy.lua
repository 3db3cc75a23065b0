-- KEYS: articles, again. ARGV: idle time in ms after which a consumer that holds nothing is forgotten.
for _, stream in ipairs(KEYS) do
  local all = redis.pcall('XINFO', 'CONSUMERS', stream, GROUP)
  if not all.err then
    for _, row in ipairs(all) do
      local c = fields(row)
      if c.pending == 0 and c.idle > tonumber(ARGV[1]) then
        redis.call('XGROUP', 'DELCONSUMER', stream, GROUP, c.name)
      end
    end
  end
end
return 1
