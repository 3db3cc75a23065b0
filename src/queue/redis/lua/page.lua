-- KEYS: articles, again, later, dead, delivered, skipped, prefix of jobs.
-- ARGV: state or '' for all, how many to pass over, most, keep in ms.
-- Answers {how many there are, ids...}, the last changed first.
local state, from, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
-- Redis answers nothing at all to a count of 0.
local need = math.max(1, from + most)
local at = now()
local total, rows = 0, {}

local function add(id, time)
  rows[#rows + 1] = {id, time or tonumber(redis.call('HGET', KEYS[7] .. id, 'updated')) or 0}
end

local function entries(list)
  for _, entry in ipairs(list) do
    local id = fields(entry[2]).id
    if id then add(id) end
  end
end

-- The last entry of a stream that was handed to a worker: all up to it are running, those after it wait.
local function handed(stream)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if groups.err or not groups[1] then return '0-0' end
  return fields(groups[1])['last-delivered-id']
end

local function pending(stream)
  local p = redis.pcall('XPENDING', stream, GROUP)
  return p.err and 0 or p[1]
end

local function members(list)
  for _, member in ipairs(list) do add(string.match(member, '^[^\n]*')) end
end

local collect = {}

function collect.waiting()
  for _, s in ipairs({KEYS[2], KEYS[1]}) do
    total = total + redis.call('XLEN', s) - pending(s)
    entries(redis.call('XREVRANGE', s, '+', '(' .. handed(s), 'COUNT', need))
  end
  total = total + redis.call('ZCOUNT', KEYS[3], '-inf', at)
  members(redis.call('ZRANGE', KEYS[3], at, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, need))
end

function collect.running()
  for _, s in ipairs({KEYS[2], KEYS[1]}) do
    total = total + pending(s)
    entries(redis.call('XREVRANGE', s, handed(s), '-', 'COUNT', need))
  end
end

function collect.later()
  local after = '(' .. whole(at)
  total = total + redis.call('ZCOUNT', KEYS[3], after, '+inf')
  members(redis.call('ZRANGE', KEYS[3], '+inf', after, 'BYSCORE', 'REV', 'LIMIT', 0, need))
end

function collect.dead()
  total = total + redis.call('XLEN', KEYS[4])
  entries(redis.call('XREVRANGE', KEYS[4], '+', '-', 'COUNT', need))
end

local function finished(key)
  local past = whole(at - tonumber(ARGV[4]) * 1000)
  total = total + redis.call('ZCOUNT', key, past, '+inf')
  local list = redis.call('ZREVRANGEBYSCORE', key, '+inf', past, 'WITHSCORES', 'LIMIT', 0, need)
  for i = 1, #list, 2 do add(list[i], tonumber(list[i + 1])) end
end

function collect.delivered() finished(KEYS[5]) end
function collect.skipped() finished(KEYS[6]) end

if state ~= '' then
  collect[state]()
else
  for _, each in pairs(collect) do each() end
end
-- Ids grow with time.
table.sort(rows, function(a, b)
  if a[2] ~= b[2] then return a[2] > b[2] end
  return a[1] > b[1]
end)
local out = {total}
for i = from + 1, math.min(from + most, #rows) do out[#out + 1] = rows[i][1] end
return out
