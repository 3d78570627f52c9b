-- Takes out of a room's spotlight what may not be there any more: products
-- that were taken down, and, of a room that is closed, all that is to come.
--
-- KEYS[1]   the room         KEYS[2]  its shelf
-- KEYS[3]   its cues         KEYS[4]  its shows        KEYS[5]  its claim
-- ARGV[1]   channel of its changes
-- ARGV[2]…  in turn: the ID of a cue as a node saw it, and "1": its product
--           may not be shown, or "0": it may, if it is on the shelf
--
-- What is to come is taken back.  What is in the spotlight, if nothing else
-- came there since, is followed by a cue without a product.
--
-- Returns the new version, or 0: there was nothing to do.

--include cues
--include show

local room, shelf, key, shows, live = unpack(KEYS)

if redis.call('EXISTS', room) == 0 then
    return 0
end

local now = ms()
local cues = read_cues(key, ended_at(room, shows, live))
local last = last_begun(cues, now)
local state = redis.call('HGET', room, 'state')
local closed = state == 'closed' or state == 'banned'
local down, gone = {}, {}

for i = 2, #ARGV, 2 do
    down[ARGV[i]] = ARGV[i + 1]
end

local function may_not_be_shown(cue)
    return cue.product ~= '' and down[cue.id]
           and (down[cue.id] == '1'
                or not redis.call('ZSCORE', shelf, cue.product))
end

for _, cue in ipairs(cues) do
    if cue.at > now + SKEW and (closed or may_not_be_shown(cue)) then
        gone[#gone + 1] = cue.id
    end
end

local clear = may_not_be_shown(last)

if #gone == 0 and not clear then
    return 0
end

local version = redis.call('HINCRBY', room, 'version', 1)

for _, id in ipairs(gone) do
    redis.call('XDEL', key, id)
end

if clear then
    redis.call('XADD', key, 'MAXLEN', '~', STREAM, '*',
               'at', string.format('%.0f', math.max(now, last.at + 1)),
               'show', last.show)
end

redis.call('PUBLISH', ARGV[1], version)

return version
