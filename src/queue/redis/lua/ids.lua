-- KEYS: articles, again, later, dead, finished. ARGV: state, most. Answers ids of jobs, about the newest first.
local state, most = ARGV[1], tonumber(ARGV[2])
local ids = {}

local function entries(list)
  for _, entry in ipairs(list) do
    local id = fields(entry[2]).id
    if id and #ids < most then ids[#ids + 1] = id end
  end
end

-- The last entry of a stream that was handed to a worker: all up to it are running, those after it wait.
local function handed(stream)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if groups.err or not groups[1] then return '0-0' end
  return fields(groups[1])['last-delivered-id']
end

local function members(list)
  for _, member in ipairs(list) do
    if #ids < most then ids[#ids + 1] = string.match(member, '^[^\n]*') end
  end
end

if state == 'waiting' then
  for _, s in ipairs({KEYS[2], KEYS[1]}) do
    entries(redis.call('XREVRANGE', s, '+', '(' .. handed(s), 'COUNT', most))
  end
  members(redis.call('ZRANGE', KEYS[3], now(), '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, most))
elseif state == 'running' then
  for _, s in ipairs({KEYS[2], KEYS[1]}) do
    entries(redis.call('XREVRANGE', s, handed(s), '-', 'COUNT', most))
  end
elseif state == 'later' then
  local after = '(' .. whole(now())
  members(redis.call('ZRANGE', KEYS[3], '+inf', after, 'BYSCORE', 'REV', 'LIMIT', 0, most))
elseif state == 'dead' then
  entries(redis.call('XREVRANGE', KEYS[4], '+', '-', 'COUNT', most))
else
  local from = 0
  repeat
    local page = redis.call('ZREVRANGE', KEYS[5], from, from + 499)
    for _, member in ipairs(page) do
      local is, id = string.match(member, '^(%a+):(.*)$')
      if is == state and #ids < most then ids[#ids + 1] = id end
    end
    from = from + 500
  until #page == 0 or #ids >= most
end
return ids
