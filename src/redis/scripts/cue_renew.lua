-- Follows the cue that is in a room's spotlight by one with the card that its
-- product has now.  Every node that sees the change asks; the first one does it.
--
-- KEYS[1]   the room         KEYS[2]  its shelf
-- KEYS[3]   its cues         KEYS[4]  its shows        KEYS[5]  its claim
-- KEYS[6]   the cues of the cue's show, if it says which one that is
-- ARGV[1]   channel of the room's changes
-- ARGV[2]   the cue's ID
-- ARGV[3]…  names and values of the new card's fields
--
-- Returns the room's new version; or 0: another cue is in the spotlight by now,
-- or is within a second, or nobody may have the product, or the show has ended;
-- or -1: within the last second there was a cue, and one may be asked again.

--include cues
--include show
--include kept

local room, shelf, key, shows, live, kept = unpack(KEYS)
local channel, id = ARGV[1], ARGV[2]

if redis.call('EXISTS', room) == 0 then
    return 0
end

local now = ms()
local ended = ended_at(room, shows, live)
local cues = read_cues(key, ended)
local last = last_begun(cues, now)

if last.id ~= id or last.product == '' or ended > 0
   or not redis.call('ZSCORE', shelf, last.product)
then
    return 0
end

if cues[1].added > now - 1000 and cues[1].added <= now then
    return -1
end

-- a key of a wrong type leaves all as it was

if kept then
    redis.call('ZCARD', kept)
end

local at = math.max(now, last.at + 1)
local card = { product = last.product }
local fields = { 'at', string.format('%.0f', at), 'show', last.show,
                 'product', last.product }

for i = 3, #ARGV, 2 do
    fields[#fields + 1] = ARGV[i]
    fields[#fields + 1] = ARGV[i + 1]
    card[ARGV[i]] = ARGV[i + 1]
end

local version = redis.call('HINCRBY', room, 'version', 1)

id = redis.call('XADD', key, 'MAXLEN', '~', STREAM, '*', unpack(fields))

if kept and show_of_key(kept) == last.show then
    keep(kept, at, member_of(id, at, last.show, card))

    still_kept(room, ids_of(cues), function(ids)
        table.insert(ids, 1, id)
        ids[SEEN + 1] = nil
    end)
end

redis.call('PUBLISH', channel, version)

return version
