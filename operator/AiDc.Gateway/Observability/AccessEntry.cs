using AiDc.ControllerRuntime;

namespace AiDc.Gateway.Observability;

/// <summary>What the access log says of a request beside what the request itself does.</summary>
/// <param name="Service">Null: it named none that is there.</param>
/// <param name="Client">The name that its API key has, else its address.</param>
internal sealed record AccessEntry(
    NamespacedName? Service, string? Revision, string? Pod, string Client, TimeSpan Took, TimeSpan Waited, int Attempts, string TraceId);
