using System.Globalization;
using AiDc.Benchmarks.Scheduling.Simulation;

namespace AiDc.Benchmarks.Scheduling;

/// <summary>Traces in the form of Muri's (SIGCOMM 2022): jobs with a number of GPUs, a submission and a duration, in milliseconds.</summary>
internal static class MuriTrace
{
    private const int MostJobs = 200_000;

    /// <returns>Null where the file is not there.</returns>
    public static IReadOnlyList<SimulatedJob>? Find(string? data)
    {
        var file = Path.Combine(data ?? "", "traces", "muri", "cluster_trace.csv");
        return data is not null && File.Exists(file) ? Parse(file, File.ReadLines(file)) : null;
    }

    /// <param name="name">What errors name.</param>
    /// <param name="lines">A heading with job_id, num_gpu, submit_time and duration, and a line a job. Gangs are of pods of at most 8 GPUs.</param>
    /// <exception cref="InvalidDataException">A line is no job, or there are too many.</exception>
    public static IReadOnlyList<SimulatedJob> Parse(string name, IEnumerable<string> lines)
    {
        List<SimulatedJob> jobs = [];
        int[]? columns = null;
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var fields = line.Split(',');
            if (columns is null)
            {
                string[] wanted = ["job_id", "num_gpu", "submit_time", "duration"];
                columns = [.. wanted.Select(w => Array.IndexOf(fields, w))];
                if (columns.Contains(-1)) throw new InvalidDataException($"{name}: the heading has to have the columns {string.Join(", ", wanted)}");
                continue;
            }
            if (line.Length == 0) continue;
            if (jobs.Count == MostJobs) throw new InvalidDataException($"{name}: more than {MostJobs} jobs: cut it");
            long Field(int column, long least) =>
                columns[column] < fields.Length && long.TryParse(fields[columns[column]], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least
                    ? value
                    : throw new InvalidDataException($"{name}, line {number}: column {columns[column] + 1} has to be a whole number of at least {least}");
            var (id, gpus, submitted, duration) = (Field(0, 0), Field(1, 1), Field(2, 0), Field(3, 1));
            if (gpus > 8 && gpus % 8 != 0) throw new InvalidDataException($"{name}, line {number}: {gpus} GPUs: above 8 it has to be a multiple of 8");
            jobs.Add(new($"job-{id:000000}", submitted / 1000.0, gpus > 8 ? (int)(gpus / 8) : 1, [Math.Min(8, gpus)], duration / 1000.0));
        }
        return jobs.Count > 0 ? jobs : throw new InvalidDataException($"{name}: it has no job");
    }

    /// <summary>400 jobs in place of a file that is not there: most of 8 GPUs, durations over three orders of magnitude.</summary>
    public static IReadOnlyList<SimulatedJob> Generated(int seed)
    {
        var random = new Random(seed);
        int[] sizes = [1, 2, 4, 8, 8, 8, 8, 8, 16, 32];
        double at = 0;
        List<SimulatedJob> jobs = [];
        for (var i = 0; i < 400; i++)
        {
            at += -6000 * Math.Log(1 - random.NextDouble());
            var gpus = sizes[random.Next(sizes.Length)];
            jobs.Add(new($"job-{i:000000}", at, Math.Max(1, gpus / 8), [Math.Min(8, gpus)], 300 * Math.Pow(1000, random.NextDouble())));
        }
        return jobs;
    }
}
