using k8s.Models;

namespace AiDc.ControllerRuntime.Events;

/// <summary>
/// Which events belong together. The same regarding, reason, action, type and note are one series; and when one object
/// says the same reason in ever new words, the words are ignored from the eleventh on, so that no loop floods the server.
/// </summary>
internal sealed class SeriesTable
{
    /// <summary>Different notes that one object's reason may have.</summary>
    public const int MaxNotes = 10;

    /// <summary>A series that was quiet for so long is over: the next event is a new one.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(6);

    private readonly Dictionary<SeriesKey, EventSeries> series = [];
    private readonly Dictionary<SeriesKey, int> notes = [];

    public int Count => series.Count;

    public SeriesKey KeyOf(PendingEvent e)
    {
        var key = new SeriesKey(e.Regarding.Uid ?? "", e.Reason, e.Action, e.Type, e.Note);
        var family = key with { Note = "" };
        return !series.ContainsKey(key) && notes.GetValueOrDefault(family) >= MaxNotes ? family : key;
    }

    public EventSeries? Find(SeriesKey key) => series.GetValueOrDefault(key);

    public void Start(SeriesKey key, EventSeries first)
    {
        if (!series.ContainsKey(key)) notes[key with { Note = "" }] = notes.GetValueOrDefault(key with { Note = "" }) + 1;
        series[key] = first;
    }

    public void End(SeriesKey key)
    {
        if (!series.Remove(key)) return;
        var family = key with { Note = "" };
        if (notes[family] == 1) notes.Remove(family);
        else notes[family]--;
    }

    /// <summary>Series of which more has happened than is written, and that were not written since <paramref name="before"/>.</summary>
    public IReadOnlyList<(SeriesKey Key, EventSeries Series)> Unwritten(DateTimeOffset before) =>
        [.. series.Where(s => s.Value.Count > s.Value.WrittenCount && s.Value.WrittenAt <= before).Select(s => (s.Key, s.Value))];

    public void Forget(DateTimeOffset now)
    {
        foreach (var (key, value) in series.ToArray())
            if (now - value.LastAt > Quiet && value.Count == value.WrittenCount) End(key);
    }
}

/// <summary>Identity of a series: what is the same in all of its events.</summary>
internal readonly record struct SeriesKey(string Uid, string Reason, string Action, EventType Type, string Note);

/// <summary>An event that was written, and how often it has happened since.</summary>
internal sealed class EventSeries(NamespacedName name)
{
    public NamespacedName Name { get; } = name;

    public int Count { get; set; } = 1;

    public int WrittenCount { get; set; } = 1;

    public DateTimeOffset WrittenAt { get; set; }

    public DateTimeOffset LastAt { get; set; }
}

/// <summary>An event on its way from a reconcile to the writer.</summary>
internal sealed record PendingEvent(
    V1ObjectReference Regarding, EventType Type, string Reason, string Action, string Note, DateTimeOffset At);
