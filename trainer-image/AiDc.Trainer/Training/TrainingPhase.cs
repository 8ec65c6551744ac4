namespace AiDc.Trainer.Training;

/// <summary>What the run is busy with.</summary>
public enum TrainingPhase
{
    Loading,
    Training,
    Validating,
    Testing,
}
