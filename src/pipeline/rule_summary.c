/* One sentence a person likes to read: what, where, how long, when, and whether that is new. The
 * telling part comes first, for a row of a feed shows its beginning. */
#include "pipeline/rule_verdict_private.h"

#include "base/utf8.h"

#define CAMERA_NAME_SIZE 81

void rule_add_duration(struct buf *out, int64_t seconds)
{
    if (seconds < 120)
        buf_addf(out, "%lld second%s", (long long)seconds, seconds == 1 ? "" : "s");
    else if (seconds < 7200)
        buf_addf(out, "%lld minutes", (long long)(seconds / 60));
    else
        buf_addf(out, "%lld hours", (long long)(seconds / 3600));
}

static void add_what(struct buf *out, const struct rule_view *view)
{
    const char *subject = view->subject;
    char first = subject[0];

    if (first >= 'a' && first <= 'z')
        first = (char)(first - 'a' + 'A');
    buf_add_char(out, first);
    buf_add_text(out, subject + 1);
}

/* With its blank in front; a headline needs no "was seen". */
static const char *verb_of(const struct rule_view *view)
{
    if (view->dwell_s >= 45)
        return view->still ? " stayed in one place" : " lingered";
    return view->input->approach >= 1.3 && view->dwell_s >= 2 ? " coming nearer" : "";
}

static void add_where(struct buf *out, const struct rule_view *view)
{
    char name[CAMERA_NAME_SIZE];

    utf8_name(view->input->camera_name, name, sizeof(name));
    buf_addf(out, " at %s", name[0] ? name : "a camera without a name");
}

static void add_how_long(struct buf *out, const struct rule_view *view)
{
    if (view->dwell_s < 2) {
        buf_add_text(out, " for a moment");
        return;
    }
    buf_add_text(out, " for ");
    rule_add_duration(out, view->dwell_s);
}

static void add_when(struct buf *out, const struct rule_view *view)
{
    int hour = view->input->hour;

    if (hour >= 0 && hour <= 23)
        buf_addf(out, " around %02d:00", hour);
}

void rule_add_summary(struct buf *out, const struct rule_view *view)
{
    static const char *const endings[] = {
        [RULE_LEARNING] = "; what is usual there is still being learned.",
        [RULE_USUAL] = ", as usual at this hour.",
        [RULE_COMMON] = ", as on most days.",
        [RULE_UNCOMMON] = ", which happens on some days only.",
        [RULE_RARE] = ", which is rare at this hour.",
        [RULE_NEVER] = ", never seen there at this hour before.",
    };

    add_what(out, view);
    buf_add_text(out, verb_of(view));
    add_where(out, view);
    add_how_long(out, view);
    add_when(out, view);
    buf_add_text(out, endings[view->novelty]);
}
