-- Sets a cue: what is in a room's spotlight from an instant on.
--
-- KEYS[1]   the room         KEYS[2]  its shelf
-- KEYS[3]   its cues         KEYS[4]  its shows        KEYS[5]  its claim
-- KEYS[6]   the cues of the show that it will be in, as far as the caller knows;
--           without it, a node that holds the room keeps the cue
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
-- anyway. Or "room_unknown", "product_not_on_shelf", "cue_later", "cues_full",
-- "too_many_pins"; or "version_differs" and the version; or "show" and the number
-- of the one whose cues are to be KEYS[6].

--include condition
--include cues
--include show
--include kept

local RATE = 5    -- a second

local room, shelf, key, shows, live, kept = unpack(KEYS)
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

if kept and tonumber(show_of_key(kept)) ~= show then
    return {'show', string.format('%.0f', show)}
end

-- a key of a wrong type leaves all as it was

if kept then
    redis.call('ZCARD', kept)
end

local lately = 0

for _, cue in ipairs(cues) do
    if cue.added > now - 1000 and cue.added <= now then
        lately = lately + 1
    end
end

if lately >= RATE then
    return {'too_many_pins'}
end

version = redis.call('HINCRBY', room, 'version', 1)

local instant = string.format('%.0f', at)
local card = {}
local fields = {'at', instant, 'show', string.format('%.0f', show)}

if product ~= '' then
    fields[#fields + 1] = 'product'
    fields[#fields + 1] = product
end

for i = 8, #ARGV do
    fields[#fields + 1] = ARGV[i]
end

for i = 5, #fields, 2 do
    card[fields[i]] = fields[i + 1]
end

local id = redis.call('XADD', key, 'MAXLEN', '~', STREAM, '*', unpack(fields))

if kept then
    keep(kept, at, member_of(id, at, fields[4], card))

    still_kept(room, ids_of(cues), function(ids)
        table.insert(ids, 1, id)
        ids[SEEN + 1] = nil
    end)
end

redis.call('PUBLISH', channel, version)

return {'ok', version, id, instant, redis.call('HGET', room, 'host'),
        fields[4]}
