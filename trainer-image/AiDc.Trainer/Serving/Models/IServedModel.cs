namespace AiDc.Trainer.Serving.Models;

/// <summary>A model that answers.</summary>
public interface IServedModel : IDisposable
{
    ModelMetadata Metadata { get; }

    /// <summary>Not null: the model takes images, and bodies of image/png and image/jpeg are welcome.</summary>
    InputPreprocessing? Images { get; }

    /// <summary>Looks at a request's inputs before they are joined with those of others: names, types, sizes, lengths.</summary>
    /// <exception cref="ModelInputException">The model does not take them; it names the input and the mend.</exception>
    void Check(IReadOnlyList<TensorValue> inputs);

    /// <summary>
    /// Computes one batch: the first dimension of each tensor counts samples. Called by one thread at a time; that thread may change.
    /// Nothing of the result refers to the inputs' memory.
    /// </summary>
    /// <param name="inputs">In any order.</param>
    /// <exception cref="ModelInputException">The model does not take them; it names the input and the mend.</exception>
    IReadOnlyList<TensorValue> Run(IReadOnlyList<TensorValue> inputs);
}
