#include "realtime/protocol.h"

#include "base/own.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#define PREVIEW_CHARACTERS 100

static void reject(struct command *command, const char *code, json_t *details, const char *format,
                   ...) PRINTF_LIKE(4, 5);

/* Takes `details` over. */
static void reject(struct command *command, const char *code, json_t *details, const char *format,
                   ...)
{
    va_list args;

    command->kind = COMMAND_REFUSED;
    command->code = code;
    json_release(&command->details);
    command->details = details;
    buf_reset(&command->message);
    va_start(args, format);
    buf_vaddf(&command->message, format, args);
    va_end(args);
}

/* ---- Refusals ---- */

static size_t characters_length(struct span text, size_t characters)
{
    size_t len = 0;

    while (len < text.len) {
        bool starts_character = ((unsigned char)text.at[len] & 0xC0) != 0x80;

        if (starts_character && !characters--)
            break;
        len++;
    }
    return len;
}

static void reject_json(struct command *command, struct span text, const struct buf *why)
{
    json_t *preview = json_stringn(text.at, characters_length(text, PREVIEW_CHARACTERS));

    reject(command, "invalid_json", json_pack("{s:o*}", "raw_data_preview", preview),
           "Message is not valid JSON: %s", buf_text(why));
}

static void reject_format(struct command *command, const char *member, const char *kind,
                          const char *message)
{
    json_t *location = member ? json_pack("[s]", member) : json_array();
    json_t *details = json_pack("{s:[{s:s,s:o,s:s}]}", "validation_errors", "type", kind, "loc",
                                location, "msg", message);

    reject(command, "invalid_message_format", details, "Message does not have the right form: %s",
           message);
}

static void reject_type(struct command *command, const char *type)
{
    json_t *details = json_pack("{s:[s,s,s,s,s,s]}", "supported_types", "ping", "pong", "subscribe",
                                "unsubscribe", "resync", "ack");

    reject(command, "unknown_message_type", details, "Unknown message type: %s", type);
}

static void reject_list(struct command *command, const char *message)
{
    json_t *details =
        json_pack("{s:{s:s,s:{s:[s,s]}},s:i,s:i}", "example", "type", "subscribe", "data", "events",
                  "alert.*", "event", "max_patterns", SUBSCRIPTION_PATTERNS_MAX,
                  "max_pattern_length", SUBSCRIPTION_PATTERN_MAX);

    reject(command, "validation_error", details, "%s", message);
}

static void reject_filter(struct command *command, const char *message)
{
    json_t *details =
        json_pack("{s:{s:s,s:{s:[s],s:{s:[s],s:i}}}}", "example", "type", "subscribe", "data",
                  "events", "event", "filter", "camera_id", "porch", "risk_score", 60);

    reject(command, "validation_error", details, "%s", message);
}

static void reject_position(struct command *command, const char *message)
{
    json_t *details = json_pack("{s:{s:s,s:{s:s,s:i}}}", "example", "type", "resync", "data",
                                "channel", "events", "last_sequence", 42);

    reject(command, "validation_error", details, "%s", message);
}

static void reject_ack(struct command *command, const char *message)
{
    json_t *details =
        json_pack("{s:{s:s,s:{s:i}}}", "example", "type", "ack", "data", "sequence", 42);

    reject(command, "validation_error", details, "%s", message);
}

/* ---- Members ---- */

/* Clients put members into `data` or beside the type. JSON null counts as absent. */
static const json_t *find(const struct command *command, const char *name)
{
    const json_t *value = json_object_get(json_object_get(command->document, "data"), name);

    if (!value || json_is_null(value))
        value = json_object_get(command->document, name);
    return value && !json_is_null(value) ? value : NULL;
}

static struct span text_of(const json_t *value)
{
    return (struct span){json_string_value(value), json_string_length(value)};
}

/* JavaScript has no integers: 42.0 is one, too. */
static bool read_sequence(const json_t *value, uint64_t *ret_sequence)
{
    double number = json_is_number(value) ? json_number_value(value) : -1;

    if (!(number >= 0) || number > (double)SEQUENCE_MAX || floor(number) != number)
        return false;
    *ret_sequence = (uint64_t)number;
    return true;
}

/* ---- Subscribe and unsubscribe ---- */

static const json_t *find_list(const struct command *command)
{
    const json_t *list = find(command, "events");

    return list ? list : find(command, "channels");
}

static bool check_list(struct command *command, const json_t *list)
{
    size_t i;
    json_t *item;

    if (!json_is_array(list)) {
        reject_list(command, "\"events\" must be a list of patterns");
        return false;
    }
    if (json_array_size(list) > SUBSCRIPTION_PATTERNS_MAX) {
        reject_list(command, "Too many patterns");
        return false;
    }
    json_array_foreach(list, i, item)
    {
        if (!json_string_length(item) || json_string_length(item) > SUBSCRIPTION_PATTERN_MAX) {
            reject_list(command, "Each pattern must be a text, not empty and not too long");
            return false;
        }
    }
    return true;
}

/* The patterns point into command->text, which therefore gets its room first. */
static void take_list(struct command *command, const json_t *list)
{
    size_t i, size = 0;
    json_t *item;

    json_array_foreach(list, i, item) size += json_string_length(item);
    buf_reserve(&command->text, size + 1);
    json_array_foreach(list, i, item)
    {
        struct span from = text_of(item);
        char *to = command->text.data + command->text.len;

        for (size_t k = 0; k < from.len; k++)
            to[k] = from.at[k] >= 'A' && from.at[k] <= 'Z' ? (char)(from.at[k] + 32) : from.at[k];
        command->text.len += from.len;
        command->patterns[command->pattern_count++] = (struct span){to, from.len};
    }
}

static bool take_cameras(struct command *command, const json_t *cameras)
{
    size_t i, count = json_is_string(cameras) ? 1 : json_array_size(cameras);

    if (!count || count > SUBSCRIPTION_CAMERAS_MAX)
        return false;
    for (i = 0; i < count; i++) {
        const json_t *item = json_is_string(cameras) ? cameras : json_array_get(cameras, i);

        if (!json_is_string(item) || json_string_length(item) > SUBSCRIPTION_PATTERN_MAX)
            return false;
        command->filter.camera_ids[i] = text_of(item);
    }
    command->filter.camera_count = count;
    return true;
}

static bool take_filter(struct command *command)
{
    const json_t *filter = find(command, "filter");
    const json_t *cameras = json_object_get(filter, "camera_id");
    const json_t *risk = json_object_get(filter, "risk_score");

    if (!filter)
        return true;
    if (!json_is_object(filter)) {
        reject_filter(command, "\"filter\" must be an object");
        return false;
    }
    if (cameras && !json_is_null(cameras) && !take_cameras(command, cameras)) {
        reject_filter(command, "\"filter.camera_id\" must be a list of 1 to 64 camera ids");
        return false;
    }
    if (!risk || json_is_null(risk))
        return true;
    if (!json_is_number(risk) || json_number_value(risk) < 0 || json_number_value(risk) > 100) {
        reject_filter(command, "\"filter.risk_score\" must be a number from 0 to 100");
        return false;
    }
    command->filter.risk_min = json_number_value(risk);
    return true;
}

/* The position under the given name, with the epoch beside it. */
static bool take_position(struct command *command, const char *name)
{
    const json_t *sequence = find(command, name);
    const json_t *epoch = find(command, "epoch");

    command->has_position = true;
    if (sequence && !read_sequence(sequence, &command->position.sequence)) {
        reject_position(command, "The sequence must be a whole number, 0 or more");
        return false;
    }
    if (epoch &&
        (!json_is_string(epoch) || position_set_epoch(&command->position, text_of(epoch)) != 0)) {
        reject_position(command, "\"epoch\" must be one that a message carried");
        return false;
    }
    return true;
}

static void parse_subscribe(struct command *command)
{
    const json_t *list = find_list(command);

    if (!list || (json_is_array(list) && !json_array_size(list))) {
        reject_list(command, "\"events\" must be a list of at least one pattern");
        return;
    }
    if (!check_list(command, list) || !take_filter(command))
        return;
    if (find(command, "since") && !take_position(command, "since"))
        return;
    take_list(command, list);
    command->kind = COMMAND_SUBSCRIBE;
}

static void parse_unsubscribe(struct command *command)
{
    const json_t *list = find_list(command);

    if (list && !check_list(command, list))
        return;
    if (list)
        take_list(command, list);
    command->kind = COMMAND_UNSUBSCRIBE;
}

/* ---- Resync and ack ---- */

static void parse_resync(struct command *command)
{
    const json_t *channel = find(command, "channel");

    if (channel && (!json_is_string(channel) || json_string_length(channel) > COMMAND_TYPE_MAX)) {
        reject_position(command, "\"channel\" must be a channel's name");
        return;
    }
    if (!take_position(command, "last_sequence"))
        return;
    if (channel)
        command->channel = text_of(channel);
    command->kind = COMMAND_RESYNC;
}

static bool take_sequences(struct command *command, const json_t *list)
{
    size_t i;
    json_t *item;

    if (!json_is_array(list) || json_array_size(list) > COMMAND_SEQUENCES_MAX)
        return false;
    json_array_foreach(
        list, i,
        item) if (!read_sequence(item,
                                 &command->sequences[command->sequence_count++])) return false;
    return true;
}

static void parse_ack(struct command *command)
{
    const json_t *sequence = find(command, "sequence");
    const json_t *list = find(command, "sequences");

    if (!sequence)
        sequence = find(command, "seq");
    if (!sequence && !list) {
        reject_ack(command, "An ack names a \"sequence\", or a list of \"sequences\"");
        return;
    }
    if (sequence && !read_sequence(sequence, &command->cumulative)) {
        reject_ack(command, "The sequence must be a whole number, 0 or more");
        return;
    }
    if (list && !take_sequences(command, list)) {
        reject_ack(command, "\"sequences\" must be a list of at most 256 whole numbers");
        return;
    }
    command->has_cumulative = sequence != NULL;
    command->kind = COMMAND_ACK;
}

static void parse_ping(struct command *command)
{
    command->kind = COMMAND_PING;
}

static void parse_pong(struct command *command)
{
    command->kind = COMMAND_PONG;
}

/* ---- All together ---- */

static const struct {
    const char *type;
    void (*parse)(struct command *command);
} types[] = {
    {"ping", parse_ping},           {"pong", parse_pong},
    {"subscribe", parse_subscribe}, {"unsubscribe", parse_unsubscribe},
    {"resync", parse_resync},       {"ack", parse_ack},
};

/* The word that says what the message is: `type`, or `action` as the older form has it. NULL after
 * refusing. */
static const json_t *find_type(struct command *command)
{
    const json_t *data = json_object_get(command->document, "data");
    const json_t *type = json_object_get(command->document, "type");

    if (!type)
        type = json_object_get(command->document, "action");
    if (!json_is_object(command->document))
        reject_format(command, NULL, "dict_type", "the message must be a JSON object");
    else if (!type)
        reject_format(command, "type", "missing", "\"type\" is missing");
    else if (!json_is_string(type))
        reject_format(command, "type", "string_type", "\"type\" must be a text");
    else if (!json_string_length(type))
        reject_format(command, "type", "string_too_short", "\"type\" must not be empty");
    else if (json_string_length(type) > COMMAND_TYPE_MAX)
        reject_format(command, "type", "string_too_long",
                      "\"type\" must be at most 50 characters long");
    else if (data && !json_is_object(data) && !json_is_null(data))
        reject_format(command, "data", "dict_type", "\"data\" must be an object or null");
    else
        return type;
    return NULL;
}

static void parse_document(struct command *command)
{
    const json_t *type = find_type(command);

    if (!type)
        return;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (span_is_nocase(text_of(type), types[i].type)) {
            types[i].parse(command);
            return;
        }
    }
    reject_type(command, json_string_value(type));
}

void command_parse(struct span text, struct command *ret_command)
{
    AUTO(buf_release) struct buf why = BUF_INIT;

    memset(ret_command, 0, sizeof(*ret_command));
    ret_command->filter.risk_min = -1;
    if (span_is(span_trim(text), "ping"))
        ret_command->kind = COMMAND_PING;
    else if (json_parse(text, &ret_command->document, &why) != 0)
        reject_json(ret_command, text, &why);
    else
        parse_document(ret_command);
}

void command_release(struct command *command)
{
    buf_release(&command->message);
    buf_release(&command->text);
    json_release(&command->details);
    json_release(&command->document);
}
