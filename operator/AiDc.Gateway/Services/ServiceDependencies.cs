using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Services;

/// <summary>What every service needs of its surroundings.</summary>
/// <param name="Random">Uniform in [0, 1).</param>
/// <param name="MaxWaiting">The most requests of one service that wait at once.</param>
/// <param name="Starved">Called when a request waits and there is no replica.</param>
/// <param name="Ejected">Called when a replica that was in is out.</param>
internal sealed record ServiceDependencies(
    TimeProvider Clock, Func<double> Random, int MaxWaiting, Action Starved, Action<ReplicaAddress, ProbeOutcome> Ejected);
