-- Whether a conditional write may be made (RFC 9110, 13.1): there, what it is
-- of is there; version, its record's, or false if there is no record.  Of both
-- headers: "" if there is none, "*", or versions, each between two commas.

local function condition(there, version, match, none_match)
    local function named(list)
        if list == '*' then
            return there
        end

        return version and string.find(list, ',' .. version .. ',', 1, true)
    end

    return (match == '' or named(match))
           and (none_match == '' or not named(none_match))
end
