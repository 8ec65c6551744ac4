namespace AiDc.Gateway.Routing;

/// <summary>A replica as the choice sees it.</summary>
/// <param name="Revision">Index of its revision among the weights; -1: the service's status does not list it.</param>
/// <param name="Outstanding">Requests that this gateway has sent to it and that are not answered.</param>
/// <param name="Limit">The most of them at once.</param>
/// <param name="Usable">Its probes succeed, and it is not about to end.</param>
internal readonly record struct Candidate(int Revision, int Outstanding, int Limit, bool Usable);
