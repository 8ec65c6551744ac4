using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AiDc.Api;

/// <summary>
/// The names of what the operator creates: pure functions of the job, so that a second operator, or the same one after a crash,
/// arrives at the same names. A name that is too long is cut and ends with a hash of the whole.
/// </summary>
public static class Names
{
    private const int HashLength = 10;
    private const int MaxJobInPodName = 200;
    private const int MaxLabel = 63;

    /// <summary>The pod of a worker: <c>job-worker-index-attempt</c>, a DNS subdomain of at most 253 characters.</summary>
    public static string WorkerPod(string job, int index, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{Shorten(job, MaxJobInPodName)}-worker-{index}-{attempt}");

    /// <summary>The pod that replaces a worker within an attempt for the n-th time: <c>job-worker-index-attempt-n</c>; n = 0 is the worker's first.</summary>
    public static string WorkerPod(string job, int index, int attempt, int incarnation) =>
        incarnation == 0 ? WorkerPod(job, index, attempt) : string.Create(CultureInfo.InvariantCulture, $"{WorkerPod(job, index, attempt)}-{incarnation}");

    /// <summary>
    /// The Service that leads to worker 0. Names of Services are DNS labels (63 characters, no dot, a letter first), names of jobs
    /// may be more: those are changed and get a hash.
    /// </summary>
    public static string MasterService(string job)
    {
        const string suffix = "-master";
        var label = job.Replace('.', '-');
        if (!char.IsAsciiLetterLower(label[0]))
            label = "j" + label;
        return (label == job ? Shorten(job, MaxLabel - suffix.Length) : WithHash(label, job, MaxLabel - suffix.Length)) + suffix;
    }

    /// <summary>The job's name as a label's value.</summary>
    public static string LabelValue(string job) => Shorten(job, MaxLabel);

    private static string Shorten(string name, int limit) => name.Length <= limit ? name : WithHash(name, name, limit);

    private static string WithHash(string start, string whole, int limit)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))[..HashLength];
        var kept = start[..Math.Min(start.Length, limit - HashLength - 1)].TrimEnd('-', '.');
        return $"{kept}-{hash}";
    }
}
