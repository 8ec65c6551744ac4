using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;

namespace AiDc.Operator.Tests.Coordination;

/// <summary>A cache of jobs that holds what the test puts in.</summary>
internal sealed class JobsInMemory : IStore<TrainingJob>
{
    public List<TrainingJob> Jobs { get; } = [];

    public int Count => Jobs.Count;

    public bool HasSynced { get; set; }

    public string? ResourceVersion => null;

    public TrainingJob? Get(NamespacedName name) => Jobs.Find(j => NamespacedName.Of(j) == name);

    public IReadOnlyList<TrainingJob> List() => Jobs;

    public IReadOnlyList<TrainingJob> ListNamespace(string ns) => Jobs.FindAll(j => j.Metadata.NamespaceProperty == ns);

    public IReadOnlyList<TrainingJob> ByIndex(string index, string key) => [];
}
