using System.ComponentModel.DataAnnotations;
using AiDc.Api.Schema;

namespace AiDc.Api.V1Alpha1;

/// <summary>What the built-in trainer trains.</summary>
[Rule(
    "!has(self.earlyStopping) || self.data.validationSplit > 0.0",
    "earlyStopping watches the loss on the validation split: set data.validationSplit above 0, or leave earlyStopping out")]
public sealed record TrainerSpec
{
    /// <summary>The trainer image. The operator's own default when left out.</summary>
    [MinLength(1), MaxLength(512)]
    public string? Image { get; init; }

    /// <summary>What is learned.</summary>
    [Required, AllowedValues("image-classification")]
    public string Task { get; init; } = "";

    /// <summary>The network.</summary>
    public ModelSpec Model { get; init; } = new();

    /// <summary>What it learns from.</summary>
    [Required]
    public DataSpec Data { get; init; } = new();

    /// <summary>How often the training data is gone through.</summary>
    [Range(1, 100_000)]
    public int Epochs { get; init; } = 10;

    /// <summary>Samples per optimizer step, over all workers: the same however many there are.</summary>
    [Range(1, 1_048_576)]
    public int GlobalBatchSize { get; init; } = 64;

    /// <summary>
    /// The most samples that one process holds at once: it goes through its share of a batch in so many pieces, and adds up the
    /// gradients. Bounds the memory when few workers are left. The whole share at once when left out.
    /// </summary>
    [Range(1, 1_048_576)]
    public int? MicroBatchSize { get; init; }

    /// <summary>How the weights are updated.</summary>
    public OptimizerSpec Optimizer { get; init; } = new();

    /// <summary>How the learning rate changes over the run.</summary>
    public ScheduleSpec Schedule { get; init; } = new();

    /// <summary>Ends the run when the validation loss no longer falls. Trains all epochs when left out.</summary>
    public EarlyStoppingSpec? EarlyStopping { get; init; }

    /// <summary>Fixes the initial weights, the validation split and the order of the samples.</summary>
    [Range(0, 9_007_199_254_740_991)]
    public long Seed { get; init; }
}

/// <summary>The network to train.</summary>
[Rule("!self.syncBatchNorm || self.batchNorm", "there is no batch normalization to synchronise: set model.batchNorm to true, or leave syncBatchNorm out")]
public sealed record ModelSpec
{
    /// <summary>cnn: two convolutions, for digits and the like; cifar-cnn: three convolutions, for small colour pictures.</summary>
    [AllowedValues("cnn", "cifar-cnn")]
    public string Name { get; init; } = "cnn";

    /// <summary>Whether a batch normalization follows each convolution.</summary>
    public bool BatchNorm { get; init; }

    /// <summary>
    /// Whether the statistics of batch normalization are those of the whole batch over all workers, at the price of an exchange in
    /// each of its layers. Otherwise each process uses those of its own share, and the running statistics are averaged.
    /// </summary>
    public bool SyncBatchNorm { get; init; }

    /// <summary>The share of the dense layer's outputs that is dropped in training.</summary>
    [Range(0.0, 1.0), ExclusiveMaximum(1)]
    public double Dropout { get; init; } = 0.5;
}

/// <summary>The training data.</summary>
public sealed record DataSpec
{
    /// <summary>
    /// Where it is: pvc://claim/path, hostpath:///folder where the operator allows that folder, or s3://bucket/prefix. Mounted read-only
    /// at /data; from S3 the trainer makes a copy in its /tmp.
    /// </summary>
    [Required, Format(StringFormat.StorageUri), MaxLength(1024)]
    public string Uri { get; init; } = "";

    /// <summary>
    /// For s3:// the Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and if need be AWS_SESSION_TOKEN, AWS_ENDPOINT_URL,
    /// AWS_REGION and AWS_S3_ADDRESSING_STYLE (path or virtual). Without it the pod's own identity counts.
    /// </summary>
    public SecretReference? SecretRef { get; init; }

    /// <summary>
    /// idx: MNIST's files, plain or .gz; cifar10: the binary version of CIFAR-10; folder: one folder of PNG or JPEG images a class,
    /// plain or in a .tar.
    /// </summary>
    [Required, AllowedValues("idx", "cifar10", "folder")]
    public string Format { get; init; } = "";

    /// <summary>
    /// format folder: rows and columns that the pictures are brought to, not distorted, with black borders. Unset: the size that all
    /// share, else 64.
    /// </summary>
    [Range(1, 4096)]
    public int? ImageSize { get; init; }

    /// <summary>
    /// format folder: files that may be left out because they cannot be read as pictures; more end the job. Unset: any number. What is
    /// left out is in the log, and its number in status.result.metrics.filesLeftOut.
    /// </summary>
    [Range(0, 2147483647)]
    public int? MostLeftOut { get; init; }

    /// <summary>The share of the training data that is kept out of training to measure it.</summary>
    [Range(0.0, 1.0), ExclusiveMaximum(1)]
    public double ValidationSplit { get; init; }
}

/// <summary>How the weights are updated.</summary>
[Rule("self.name == 'sgd' || self.momentum == 0.0", "only sgd takes momentum: set optimizer.name to sgd, or leave momentum out")]
public sealed record OptimizerSpec
{
    /// <summary>adam, adamw (weight decay apart from the gradient) or sgd.</summary>
    [AllowedValues("adam", "sgd", "adamw")]
    public string Name { get; init; } = "adam";

    /// <summary>The learning rate at the start, after the warm-up.</summary>
    [Range(0.0, 100.0), ExclusiveMinimum(0)]
    public double LearningRate { get; init; } = 0.001;

    /// <summary>The momentum of sgd.</summary>
    [Range(0.0, 1.0), ExclusiveMaximum(1)]
    public double Momentum { get; init; }

    /// <summary>The weight decay.</summary>
    [Range(0.0, 10.0)]
    public double WeightDecay { get; init; }
}

/// <summary>How the learning rate changes over the run.</summary>
[Rule("self.name != 'step' || has(self.stepEpochs)", "the schedule 'step' needs stepEpochs: after how many epochs the rate falls")]
[Rule("self.name == 'step' || !has(self.stepEpochs)", "only the schedule 'step' takes stepEpochs: set schedule.name to step, or leave stepEpochs out")]
[Rule(
    "self.name == 'step' || self.name == 'exponential' || !has(self.gamma)",
    "only the schedules 'step' and 'exponential' take gamma: set schedule.name to one of them, or leave gamma out")]
public sealed record ScheduleSpec
{
    /// <summary>
    /// constant; step: times gamma every stepEpochs epochs; exponential: times gamma every epoch; cosine: down to 0 over the run
    /// along half a cosine.
    /// </summary>
    [AllowedValues("constant", "step", "cosine", "exponential")]
    public string Name { get; init; } = "constant";

    /// <summary>Over how many steps the rate rises from 0 to its value at first.</summary>
    [Range(0, 1_000_000_000)]
    public int WarmupSteps { get; init; }

    /// <summary>For step: after how many epochs the rate falls each time.</summary>
    [Range(1, 100_000)]
    public int? StepEpochs { get; init; }

    /// <summary>For step and exponential: what the rate is multiplied by; 0.1 for step and 0.95 for exponential when left out.</summary>
    [Range(0.0, 1.0), ExclusiveMinimum(0)]
    public double? Gamma { get; init; }

    /// <summary>What the rate is multiplied by, with the schedule's own default; null for schedules without one.</summary>
    public double? EffectiveGamma() => Name switch
    {
        "step" => Gamma ?? 0.1,
        "exponential" => Gamma ?? 0.95,
        _ => null,
    };
}

/// <summary>When to stop before the last epoch.</summary>
public sealed record EarlyStoppingSpec
{
    /// <summary>How many epochs in a row may pass without a better validation loss.</summary>
    [Range(1, 100_000)]
    public int Patience { get; init; } = 3;

    /// <summary>By how much the loss has to fall to count as better.</summary>
    [Range(0.0, 1_000_000.0)]
    public double MinDelta { get; init; }
}
