using System.Globalization;
using AiDc.Coordination.V1;

namespace AiDc.Operator.Coordination.Sessions;

/// <summary>Whether what a worker says of itself is what the API server says of it. Pure.</summary>
internal static class HelloRules
{
    /// <returns>Null if so, else why it is refused.</returns>
    public static string? Problem(Hello? hello, WorkerIdentity worker)
    {
        if (hello is null)
            return "the first message must be Hello";
        if (ProtocolVersions.Problem(hello.ProtocolVersion) is { } problem)
            return problem;
        if (hello.Job != worker.Job.ToString())
            return Differs("job", hello.Job, worker.Job.ToString());
        if (hello.Attempt != worker.Attempt)
            return Differs("attempt", hello.Attempt.ToString(CultureInfo.InvariantCulture), worker.Attempt.ToString(CultureInfo.InvariantCulture));
        if (hello.WorkerIndex != worker.WorkerIndex)
            return Differs("worker index", hello.WorkerIndex.ToString(CultureInfo.InvariantCulture), worker.WorkerIndex.ToString(CultureInfo.InvariantCulture));
        return null;
    }

    private static string Differs(string what, string said, string known) =>
        $"{what} '{(said.Length <= 100 ? said : said[..100] + "…")}' is not this pod's, which is '{known}'";
}

/// <summary>Which workers this operator understands: those of its own release and of the one before. Pure.</summary>
internal static class ProtocolVersions
{
    public const uint Current = 2;

    /// <returns>Null if it is understood, else why not.</returns>
    public static string? Problem(uint offered, uint current = Current)
    {
        var oldest = Math.Max(1, current - 1);
        return offered >= oldest && offered <= current
            ? null
            : $"protocol version {offered} is not spoken here ({oldest} to {current} are): use a trainer image of the operator's release or of the one before";
    }
}
