-- KEYS: articles, again, later, prefix of jobs. ARGV: consumer, most, lease in ms.
-- Takes entries whose lease ran out, then those due, then new ones. A suspect (see `Queue::claim`) is taken
-- alone, by a consumer that holds nothing; one that holds something gets nothing while a suspect waits. Answers
--   {microseconds until the next is due or -1, last id of articles, last id of again, entries...}
-- with an entry {stream, entry, deliveries, carried attempts, microseconds until its turn or '', job, receipts...}.
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
  local turn = tonumber(f.turn)
  turn = turn and whole(turn - now()) or ''
  local out = {name, entry[1], deliveries, f.n or '0', turn, f.job or ''}
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

-- Whether the worker of an entry delivered so often runs it alone: it was taken over, and this is at least the
-- third attempt.
local function is_suspect(stream, id, deliveries)
  if deliveries ~= 2 then return deliveries > 2 end
  local entry = redis.call('XRANGE', stream, id, id)[1]
  return entry ~= nil and (tonumber(fields(entry[2]).n) or 0) >= 1
end

-- How many leases this consumer holds, and whether one of them is of a suspect.
local function holding()
  local count = 0
  for _, stream in ipairs({again, articles}) do
    local rows = redis.pcall('XPENDING', stream, GROUP, '-', '+', 1000, consumer)
    for _, row in ipairs(rows.err and {} or rows) do
      if row[3] < lease then
        if is_suspect(stream, row[1], row[4]) then return count + 1, true end
        count = count + 1
      end
    end
  end
  return count, false
end

local function expired(stream)
  local rows = redis.pcall('XPENDING', stream, GROUP, 'IDLE', lease, '-', '+', most)
  if rows.err then
    group(stream)
    return {}
  end
  return rows
end

local function take_over(stream, name, row)
  if #taken >= most then return end
  local entry = redis.call('XCLAIM', stream, GROUP, consumer, lease, row[1])[1]
  -- An entry that was deleted under its holder leaves the list of pending ones by this.
  if entry then take(stream, name, entry, row[4] + 1) end
end

local function suspect(stream, rows)
  for _, row in ipairs(rows) do
    if is_suspect(stream, row[1], row[4] + 1) then return row end
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

local lost = {{again, 'again', expired(again)}, {articles, 'articles', expired(articles)}}
local count, alone = holding()
if alone then return {-1, last(articles), last(again)} end
for _, l in ipairs(lost) do
  local row = suspect(l[1], l[3])
  if row then
    if count == 0 then take_over(l[1], l[2], row) end
    if #taken > 0 then return {0, '', '', taken[1]} end
    return {-1, last(articles), last(again)}
  end
end
for _, l in ipairs(lost) do
  for _, row in ipairs(l[3]) do take_over(l[1], l[2], row) end
end
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
