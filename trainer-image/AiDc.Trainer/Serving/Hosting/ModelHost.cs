using AiDc.Trainer.Serving.Batching;
using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Options;
using AiDc.Trainer.Serving.Telemetry;

namespace AiDc.Trainer.Serving.Hosting;

/// <summary>The server's one model: not there yet, ready, or about to go.</summary>
internal sealed class ModelHost(ServeOptions options, TimeProvider time, ServerMetrics metrics) : IDisposable
{
    /// <summary>A batch that takes so many times longer than any request may wait hangs.</summary>
    private const int Patience = 10;

    private volatile LoadedModel? _loaded;
    private volatile bool _draining;

    public string Name => options.Model.Name;

    /// <summary>Null while there is none.</summary>
    public LoadedModel? Loaded => _loaded;

    /// <summary>Whether requests are welcome: not while the model fails, whatever it is asked.</summary>
    public bool IsReady => _loaded is { Runner.Health.IsFailing: false } && !_draining;

    public bool IsDraining => _draining;

    /// <summary>False when only a new process can help.</summary>
    public bool IsLive => _loaded is not { } loaded || loaded.Runner.Running < options.Timeout * Patience;

    public int Waiting => _loaded?.Runner.Waiting ?? 0;

    /// <summary>Warms the model up; requests are welcome after that.</summary>
    public void Open(IServedModel model, Action<string> progress)
    {
        var sample = WarmUp.Run(model, options.MaxBatch, progress);
        var runner = new BatchRunner(model, model.Metadata.Batches ? options.MaxBatch : 0, options.MaxBatchLatency, time, metrics);
        if (sample is not null) runner.Health.Trust(sample);
        _loaded = new(model, runner);
    }

    public void StartDraining() => _draining = true;

    public bool Has(string name, string? version) => name == Name && (string.IsNullOrEmpty(version) || _loaded is not { } loaded || loaded.Metadata.Versions.Contains(version));

    /// <param name="version">Null or empty: whichever there is.</param>
    /// <exception cref="ServingException">There is no such model, or it is not ready yet.</exception>
    public LoadedModel Get(string name, string? version)
    {
        if (name != Name) throw new ServingException(ServingError.NotFound, $"there is no model '{name}' here; this server has '{Name}'");
        if (_loaded is not { } loaded) throw new ServingException(ServingError.Unavailable, $"the model '{Name}' is still being loaded");
        if (!Has(name, version))
            throw new ServingException(ServingError.NotFound, $"the model '{Name}' has no version '{version}'; it has {string.Join(", ", loaded.Metadata.Versions.Select(v => $"'{v}'"))}");
        return loaded;
    }

    public void Dispose() => _loaded?.Dispose();
}
