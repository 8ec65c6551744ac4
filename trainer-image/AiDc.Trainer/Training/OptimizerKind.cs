namespace AiDc.Trainer.Training;

public enum OptimizerKind
{
    Adam,
    Sgd,
    AdamW,
}
