using k8s.Models;

namespace AiDc.ControllerRuntime.Controllers;

/// <summary>Conditions as the API conventions want them. Lists are never changed in place: a status is a value.</summary>
public static class ConditionHelper
{
    /// <summary>Longer messages are cut: the API convention allows 32768, but a status is written often.</summary>
    public const int MaxMessageLength = 1024;

    /// <summary>
    /// The conditions with <paramref name="type"/> as given. Its transition time moves only when its status flips, and has
    /// whole seconds, as the server stores them: otherwise a status would never compare equal and be written for ever.
    /// </summary>
    public static IReadOnlyList<V1Condition> With(
        IEnumerable<V1Condition>? conditions, string type, bool? status, string reason, string message, long generation, DateTimeOffset now)
    {
        var text = status switch { true => "True", false => "False", null => "Unknown" };
        var all = (conditions ?? []).ToList();
        var at = all.FindIndex(c => c.Type == type);
        var flipped = at < 0 || all[at].Status != text;
        var next = new V1Condition
        {
            Type = type,
            Status = text,
            Reason = reason,
            Message = message.Length <= MaxMessageLength ? message : message[..(MaxMessageLength - 1)] + "…",
            ObservedGeneration = generation,
            LastTransitionTime = flipped ? Seconds(now) : all[at].LastTransitionTime,
        };
        if (at < 0) all.Add(next);
        else all[at] = next;
        return all;
    }

    /// <summary>
    /// All of them as seen with an object of this generation: each was looked at, whether or not it changed, and kubectl wait takes
    /// none that speaks of an earlier generation.
    /// </summary>
    public static IReadOnlyList<V1Condition> Observed(IReadOnlyList<V1Condition> conditions, long generation) =>
        conditions.All(c => c.ObservedGeneration == generation) ? conditions
            : [.. conditions.Select(c => c.ObservedGeneration == generation ? c : new()
            {
                Type = c.Type,
                Status = c.Status,
                Reason = c.Reason,
                Message = c.Message,
                ObservedGeneration = generation,
                LastTransitionTime = c.LastTransitionTime,
            })];

    public static V1Condition? Find(IEnumerable<V1Condition>? conditions, string type) => conditions?.FirstOrDefault(c => c.Type == type);

    public static bool IsTrue(IEnumerable<V1Condition>? conditions, string type) => Find(conditions, type)?.Status == "True";

    /// <summary>A time as the server stores it: UTC, whole seconds.</summary>
    public static DateTime Seconds(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        return new DateTime(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
    }
}
