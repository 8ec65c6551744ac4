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
        return DnsLabel(job, MaxLabel - suffix.Length) + suffix;
    }

    /// <summary>The Deployment of a revision, which is its pods' label too: <c>service-hash</c>, at most 63 characters without a dot.</summary>
    /// <param name="hash">Eight hexadecimal digits of what makes its pods.</param>
    public static string Revision(string service, string hash) => $"{DnsLabel(service, MaxLabel - hash.Length - 1)}-{hash}";

    /// <summary>The Service (and the PodDisruptionBudget) of an inference service: its name, changed where that cannot be a Service's.</summary>
    public static string InferenceService(string service) => DnsLabel(service, MaxLabel);

    /// <summary>The job's name as a label's value.</summary>
    public static string LabelValue(string job) => Shorten(job, MaxLabel);

    private static string DnsLabel(string name, int limit)
    {
        var label = name.Replace('.', '-');
        if (!char.IsAsciiLetterLower(label[0]))
            label = "j" + label;
        return label == name ? Shorten(name, limit) : WithHash(label, name, limit);
    }

    private static string Shorten(string name, int limit) => name.Length <= limit ? name : WithHash(name, name, limit);

    private static string WithHash(string start, string whole, int limit)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))[..HashLength];
        var kept = start[..Math.Min(start.Length, limit - HashLength - 1)].TrimEnd('-', '.');
        return $"{kept}-{hash}";
    }
}
