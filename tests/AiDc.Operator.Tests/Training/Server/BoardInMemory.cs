using System.Collections.Concurrent;
using AiDc.Operator.Coordination;

namespace AiDc.Operator.Tests.Training.Server;

/// <summary>A board on which the test writes in the name of the workers.</summary>
internal sealed class BoardInMemory : IProgressBoard
{
    private readonly ConcurrentDictionary<string, JobProgress> progress = new();

    public event Action<JobKey>? Changed;

    public JobProgress? Get(string jobUid) => progress.GetValueOrDefault(jobUid);

    public void Put(JobProgress value)
    {
        progress[value.Job.Uid] = value;
        Changed?.Invoke(value.Job);
    }

    public void Forget(string jobUid) => progress.TryRemove(jobUid, out _);
}
