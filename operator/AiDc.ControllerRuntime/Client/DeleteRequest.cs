namespace AiDc.ControllerRuntime.Client;

/// <summary>How to delete.</summary>
/// <param name="Uid">Delete only the object with this uid; another one of the same name stays (409).</param>
/// <param name="ResourceVersion">Delete only this version.</param>
/// <param name="GracePeriodSeconds">0 takes a pod from the API at once, without asking its kubelet.</param>
/// <param name="PropagationPolicy">Background, Foreground or Orphan.</param>
public sealed record DeleteRequest(
    string? Uid = null, string? ResourceVersion = null, long? GracePeriodSeconds = null, string? PropagationPolicy = null);
