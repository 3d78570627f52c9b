-- Sets a cue: what is in a room's spotlight from an instant on.
--
-- KEYS[1]   the room         KEYS[2]  its shelf
-- KEYS[3]   its cues         KEYS[4]  its shows        KEYS[5]  its claim
-- ARGV[1]   channel of its changes
-- ARGV[2]   If-Match, ARGV[3]  If-None-Match: see parts/condition.lua; of a
--           product in the spotlight, and the room's version
-- ARGV[4]   the instant, in ms
-- ARGV[5]   "1": the instant was asked for; else it is the present
-- ARGV[6]   how many cues to come there may be
-- ARGV[7]   product; "": nothing is pinned from then on
-- ARGV[8]…  names and values of the card's fields
--
-- Returns "ok", the new version, the cue's id, its instant, the room's host and
-- the cue's show; all but the first two are missing if nothing was pinned
-- anyway. Or "room_unknown", "product_not_on_shelf", "cue_later", "cues_full";
-- or "version_differs" and the version.

--include condition
--include cues
--include show

local room, shelf, key, shows, live = unpack(KEYS)
local channel, at, asked = ARGV[1], tonumber(ARGV[4]), ARGV[5] == '1'
local most, product = tonumber(ARGV[6]), ARGV[7]

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

if product ~= '' and not redis.call('ZSCORE', shelf, product) then
    return {'product_not_on_shelf'}
end

local now = ms()
local ended = ended_at(room, shows, live)
local cues = read_cues(key, ended)
local last = last_begun(cues, now)
local version = redis.call('HGET', room, 'version') or '0'

if not condition(last.product ~= '', version, ARGV[2], ARGV[3]) then
    return {'version_differs', version}
end

if product == '' and last.product == '' then
    return {'ok', tonumber(version) or 0}
end

if asked and at > now + SKEW then
    local to_come, taken = 0, {}

    for _, cue in ipairs(cues) do
        if cue.at > now + SKEW then
            to_come = to_come + 1
            taken[cue.at] = true
        end
    end

    if to_come >= most then
        return {'cues_full'}
    end

    while taken[at] do
        at = at + 1
    end

elseif asked and at < last.at then
    return {'cue_later'}

else
    at = math.max(math.min(at, now + SKEW), last.at + 1)
end

-- between two shows the cue is the next one's

local show = show_of(room)

if ended > 0 or show == 0 then
    show = show + 1
end

version = redis.call('HINCRBY', room, 'version', 1)

local instant = string.format('%.0f', at)
local fields = {'at', instant, 'show', show}

if product ~= '' then
    fields[#fields + 1] = 'product'
    fields[#fields + 1] = product
end

for i = 8, #ARGV do
    fields[#fields + 1] = ARGV[i]
end

local id = redis.call('XADD', key, 'MAXLEN', '~', 10000, '*', unpack(fields))

redis.call('PUBLISH', channel, version)

return {'ok', version, id, instant, redis.call('HGET', room, 'host'),
        string.format('%.0f', show)}
