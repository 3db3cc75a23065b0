-- KEYS: articles, again, later, prefix of jobs. ARGV: consumer, most, lease in ms.
-- Takes entries whose lease ran out, then those due, then new ones. Answers
--   {microseconds until the next is due or -1, last id of articles, last id of again, entries...}
-- with an entry {stream, entry, deliveries, carried attempts, turn, job, receipts...}.
local articles, again, later = KEYS[1], KEYS[2], KEYS[3]
local consumer, most, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local taken = {}

-- The group is made on first use, and again when somebody deleted the stream: from its start, as whatever is
-- in a stream is unfinished.
local function group(stream)
  redis.call('XGROUP', 'CREATE', stream, GROUP, '0', 'MKSTREAM')
end

local function take(stream, name, entry, deliveries)
  local f = fields(entry[2])
  local out = {name, entry[1], deliveries, f.n or '0', f.turn or '', f.job or ''}
  if (f.id or '') ~= '' and f.job then
    local job = KEYS[4] .. f.id
    redis.call('HSETNX', job, 'job', f.job)
    redis.call('HSET', job, 'state', 'running', 'attempts', (tonumber(f.n) or 0) + deliveries, 'updated', now())
    redis.call('HDEL', job, 'due')
    local all = redis.call('HGETALL', job)
    for i = 1, #all, 2 do
      if string.sub(all[i], 1, 2) == 'r:' then
        out[#out + 1] = string.sub(all[i], 3)
        out[#out + 1] = all[i + 1]
      end
    end
  end
  taken[#taken + 1] = out
end

local function expired(stream, name)
  if #taken >= most then return end
  local idle = redis.pcall('XPENDING', stream, GROUP, 'IDLE', lease, '-', '+', most - #taken)
  if idle.err then
    group(stream)
    return
  end
  for _, row in ipairs(idle) do
    local entry = redis.call('XCLAIM', stream, GROUP, consumer, lease, row[1])[1]
    -- An entry that was deleted under its holder leaves the list of pending ones by this.
    if entry then take(stream, name, entry, row[4] + 1) end
  end
end

local function fresh(stream, name)
  if #taken >= most then return end
  local read = redis.call('XREADGROUP', 'GROUP', GROUP, consumer, 'COUNT', most - #taken, 'STREAMS', stream, '>')
  if read then
    for _, entry in ipairs(read[1][2]) do take(stream, name, entry, 1) end
  end
end

local function last(stream)
  return fields(redis.call('XINFO', 'STREAM', stream))['last-generated-id']
end

expired(again, 'again')
expired(articles, 'articles')
if #taken < most then
  local due = redis.call('ZRANGEBYSCORE', later, '-inf', now(), 'LIMIT', 0, most - #taken)
  for _, member in ipairs(due) do
    local id, n, turn, job = string.match(member, '^([^\n]*)\n([^\n]*)\n([^\n]*)\n(.*)$')
    redis.call('XADD', again, '*', 'id', id or '', 'n', n or '0', 'turn', turn or '', 'job', job or member)
    redis.call('ZREM', later, member)
  end
end
fresh(again, 'again')
fresh(articles, 'articles')

if #taken > 0 then return {0, '', '', unpack(taken)} end
local first = redis.call('ZRANGE', later, 0, 0, 'WITHSCORES')
local wait = -1
if first[2] then wait = math.max(0, tonumber(first[2]) - now()) end
return {wait, last(articles), last(again)}
