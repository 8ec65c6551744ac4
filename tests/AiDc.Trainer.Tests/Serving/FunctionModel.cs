using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>A model that is a function in C#, which shows what it was given and can be held up.</summary>
internal sealed class FunctionModel(ModelMetadata metadata, Func<IReadOnlyList<TensorValue>, IReadOnlyList<TensorValue>> function) : IServedModel
{
    private readonly List<long> _batches = [];
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private readonly SemaphoreSlim _entered = new(0);

    public ModelMetadata Metadata => metadata;

    public InputPreprocessing? Images { get; init; }

    public bool Disposed { get; private set; }

    /// <summary>First dimensions of the first input, run by run, those of the warm-up left out.</summary>
    public IReadOnlyList<long> Batches
    {
        get
        {
            lock (_batches) return [.. _batches];
        }
    }

    /// <summary>Gives each input back as an output of the same name.</summary>
    public static FunctionModel Identity(params TensorMetadata[] tensors) =>
        new(new("model", ["1", "2"], "test_identity", tensors, tensors), inputs => inputs);

    /// <summary>y = 2x for x of FP32 [-1, 3].</summary>
    public static FunctionModel Doubling() => new(
        new("model", ["1"], "test_doubling", [new("x", Datatype.Fp32, [-1, 3])], [new("y", Datatype.Fp32, [-1, 3])]),
        inputs => [Tensors.Floats("y", inputs[0].Shape, [.. Tensors.Floats(inputs[0]).Select(v => 2 * v)])]);

    /// <summary>From now on a run does not end.</summary>
    public void Hold() => _open.Reset();

    public void Release() => _open.Set();

    /// <summary>Waits until a run has begun, once for each.</summary>
    public void WaitForRun() => Assert.That(_entered.Wait(TimeSpan.FromSeconds(30)), "no run began");

    /// <summary>Forgets what the warm-up did.</summary>
    public void Reset()
    {
        lock (_batches) _batches.Clear();
        while (_entered.Wait(0)) { }
    }

    public void Check(IReadOnlyList<TensorValue> inputs) => InputRules.Check(Metadata, inputs);

    public IReadOnlyList<TensorValue> Run(IReadOnlyList<TensorValue> inputs)
    {
        lock (_batches) _batches.Add(inputs[0].Shape.Length > 0 ? inputs[0].Shape[0] : 1);
        _entered.Release();
        _open.Wait();
        // A result must not refer to the inputs' memory.
        return [.. function(inputs).Select(o => o with { Data = o.Data.ToArray() })];
    }

    public void Dispose()
    {
        Disposed = true;
        _open.Set();
    }
}
