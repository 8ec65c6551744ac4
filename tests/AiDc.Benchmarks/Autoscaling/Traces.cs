using System.Globalization;
using AiDc.Benchmarks.Autoscaling.Simulation;

namespace AiDc.Benchmarks.Autoscaling;

/// <summary>The requests that are replayed.</summary>
internal static class Traces
{
    /// <summary>
    /// Azure's LLM inference trace of 2023 (code or conv): the requests of about an hour. A replica is taken to need 0.2 s for a request, 0.2 ms
    /// for each token of its context and 20 ms for each that it generates.
    /// </summary>
    /// <returns>Null where the file is not there.</returns>
    public static IReadOnlyList<SimulatedRequest>? Azure(string? data, string name)
    {
        var file = Path.Combine(data ?? "", "traces", "azure-llm", $"AzureLLMInferenceTrace_{name}.csv");
        return data is not null && File.Exists(file) ? Parse(File.ReadLines(file)) : null;
    }

    /// <param name="lines">A heading; then timestamp, tokens of context, tokens generated.</param>
    public static IReadOnlyList<SimulatedRequest> Parse(IEnumerable<string> lines)
    {
        DateTime? start = null;
        List<SimulatedRequest> requests = [];
        foreach (var line in lines.Skip(1).Where(l => l.Length > 0))
        {
            var fields = line.Split(',');
            var at = DateTime.Parse(fields[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
            start ??= at;
            var context = int.Parse(fields[1], CultureInfo.InvariantCulture);
            var generated = int.Parse(fields[2], CultureInfo.InvariantCulture);
            requests.Add(new((at - start.Value).TotalSeconds, 0.2 + (0.0002 * context) + (0.02 * generated)));
        }
        return [.. requests.OrderBy(r => r.Arrival)];
    }

    /// <summary>
    /// Any file of requests, one a line, of fields with commas between them: when it came, as seconds or as a date and time, and for how many seconds a replica works
    /// on it; 1 where there is no such field. Files of Azure's LLM traces are known by their heading; another heading is passed over.
    /// </summary>
    public static IReadOnlyList<SimulatedRequest> Read(IEnumerable<string> lines)
    {
        var all = lines.Where(l => l.Trim().Length > 0).ToList();
        if (all.Count > 0 && all[0].Contains("GeneratedTokens", StringComparison.OrdinalIgnoreCase)) return Parse(all);
        var rows = all.Select((line, i) => (Number: i + 1, Fields: line.Split(','))).Where(r => r.Number > 1 || At(r.Fields[0]) is not null).ToList();
        if (rows.Count == 0) throw new InvalidDataException("the trace has no request");
        var requests = rows.Select(r => new SimulatedRequest(
            At(r.Fields[0]) ?? throw new InvalidDataException($"line {r.Number}: '{r.Fields[0]}' is neither seconds nor a time"),
            r.Fields.Length < 2 ? 1 : Seconds(r.Fields[1]) is { } service and > 0 ? service : throw new InvalidDataException($"line {r.Number}: '{r.Fields[1]}' is no number of seconds above 0")));
        var sorted = requests.OrderBy(r => r.Arrival).ToList();
        return [.. sorted.Select(r => r with { Arrival = r.Arrival - sorted[0].Arrival })];
    }

    private static double? Seconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds) ? seconds : null;

    private static double? At(string text) =>
        Seconds(text) ?? (DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? (at - DateTime.UnixEpoch).TotalSeconds
            : null);

    /// <summary>
    /// An hour of one request a second with a burst of 8 to 20 a second, 15 to 60 s long, every two to seven minutes. Service takes 0.3 s and an
    /// exponential time of 1.2 s in the mean.
    /// </summary>
    public static IReadOnlyList<SimulatedRequest> Bursts(int seed)
    {
        var random = new Random(seed);
        double now = 0, end = -1, rate = 1;
        var begin = Uniform(random, 60, 200);
        List<SimulatedRequest> requests = [];
        while (now < 3600)
        {
            if (now > begin && now > end)
            {
                end = now + Uniform(random, 15, 60);
                rate = Uniform(random, 8, 20);
                begin = end + Uniform(random, 120, 400);
            }
            now += Exponential(random, 1 / (now < end ? rate : 1));
            requests.Add(new(now, 0.3 + Exponential(random, 1.2)));
        }
        return requests;
    }

    /// <summary>Requests that come by chance alone, at a constant rate. Service takes 0.3 s and an exponential time of 1.2 s in the mean.</summary>
    public static IReadOnlyList<SimulatedRequest> Constant(int seed, double requestsPerSecond, double seconds)
    {
        var random = new Random(seed);
        List<SimulatedRequest> requests = [];
        for (var now = Exponential(random, 1 / requestsPerSecond); now < seconds; now += Exponential(random, 1 / requestsPerSecond))
            requests.Add(new(now, 0.3 + Exponential(random, 1.2)));
        return requests;
    }

    /// <summary>An hour in place of a file that is not there: half a day's swing, with short requests (code) or long ones (conv).</summary>
    public static IReadOnlyList<SimulatedRequest> Generated(int seed, double requestsPerSecond, double meanService)
    {
        var random = new Random(seed);
        List<SimulatedRequest> requests = [];
        for (double now = 0; now < 3600;)
        {
            now += Exponential(random, 1 / (requestsPerSecond * (1 + (0.5 * Math.Sin(now * Math.PI / 1800)))));
            requests.Add(new(now, 0.2 + Exponential(random, meanService - 0.2)));
        }
        return requests;
    }

    private static double Uniform(Random random, double from, double to) => from + ((to - from) * random.NextDouble());

    private static double Exponential(Random random, double mean) => -mean * Math.Log(1 - random.NextDouble());
}
