using System.Globalization;
using AiDc.Api;

namespace AiDc.Coordination;

/// <summary>Who this worker is and where the operator listens, as the operator wrote it into the pod's environment.</summary>
/// <param name="Address">https://host:port, of any replica of the operator.</param>
/// <param name="Job">namespace/name.</param>
/// <param name="TokenFile">The projected token; the kubelet replaces it, so it is read at each connection.</param>
/// <param name="CaFile">PEM certificates that the operator's certificate is checked against.</param>
internal sealed record CoordinatorSettings(Uri Address, string Job, int Attempt, int WorkerIndex, string TokenFile, string CaFile)
{
    /// <summary>Null where the environment names no operator, or not wholly: then nobody is told, and the training goes on the same.</summary>
    public static CoordinatorSettings? FromEnvironment(Func<string, string?> variable)
    {
        if (!Uri.TryCreate(variable(PodVariables.Coordinator), UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps)
            return null;
        if (variable(PodVariables.Job) is not { Length: > 0 } job || variable(PodVariables.TokenFile) is not { Length: > 0 } token
            || variable(PodVariables.CaFile) is not { Length: > 0 } ca)
            return null;
        return new(address, job, Number(variable(PodVariables.Attempt)), Number(variable("RANK")), token, ca);
    }

    private static int Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
}
