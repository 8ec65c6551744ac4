using AiDc.Serving.V1;

namespace AiDc.Gateway.Demand;

/// <summary>
/// What is said on one stream: all of it first, and then what has changed, in messages that a receiver takes. To an operator of the version before, which
/// takes neither changes nor parts, all of it in one message each time.
/// </summary>
/// <param name="changes">The operator takes changes.</param>
internal sealed class LoadReports(bool changes)
{
    /// <summary>Bytes in a message, about: a quarter of what receivers of any version take.</summary>
    public const int Largest = 64 * 1024;

    private readonly Dictionary<string, ServiceLoad> told = new(StringComparer.Ordinal);
    private bool hasBegun;

    /// <param name="now">All that there is to say.</param>
    public IReadOnlyList<Load> Next(Load now)
    {
        if (!changes) return [now];
        var gone = told.Keys.Except(now.Services.Select(s => s.Service), StringComparer.Ordinal).ToList();
        var changed = now.Services.Where(s => !told.TryGetValue(s.Service, out var before) || !before.Equals(s)).ToList();
        foreach (var name in gone) told.Remove(name);
        foreach (var service in changed) told[service.Service] = service;
        var parts = new List<Load> { new() { Changes = hasBegun } };
        var size = 0;
        foreach (var service in changed) Part(service.CalculateSize()).Services.Add(service);
        foreach (var pod in now.Unreachable) Part(pod.Length).Unreachable.Add(pod);
        foreach (var name in gone) Part(name.Length).Gone.Add(name);
        foreach (var part in parts[..^1]) part.More = true;
        hasBegun = true;
        return parts;

        Load Part(int bytes)
        {
            size += bytes + 8;
            if (size <= Largest || size == bytes + 8) return parts[^1];
            size = bytes + 8;
            parts.Add(new() { Changes = hasBegun });
            return parts[^1];
        }
    }
}
